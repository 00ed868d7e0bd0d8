"""Where the style sheets are; the served pages share the first of them, `base.css`."""

from pathlib import Path
from typing import Final

LOOKS: Final = Path(__file__).resolve().with_name("static")
