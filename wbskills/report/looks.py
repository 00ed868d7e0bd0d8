"""Where the report's own style sheets and scripts are."""

from pathlib import Path
from typing import Final

LOOKS: Final = Path(__file__).resolve().with_name("static")
