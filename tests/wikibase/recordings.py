"""What was recorded from a real Wikibase; its README says how."""

from pathlib import Path
from typing import Final

RECORDINGS: Final = Path(__file__).parents[1] / "data" / "wikibase"
# Without those in other flavors, such as Q1.dump.json.
ENTITIES: Final = sorted(
    path for path in RECORDINGS.glob("entitydata/*.json") if path.name.count(".") == 1
)
