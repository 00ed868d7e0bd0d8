"""Imports survey files in bulk, one after the other: an example of a script on the Python API.

    python scripts/import_survey.py WIKIBASE MAPPING FILE…

WIKIBASE is a folder or the name of a profile. The good rows of each file are imported; the bad
ones are put, with reasons, into FILE.bad.csv beside it. Ends with 1 if there were any.
"""

import sys
from pathlib import Path

import wbskills


def main(wikibase: str, mapping: str, *files: str) -> int:
    """Import the files; tell what became of each."""
    bad = 0
    with wbskills.open(wikibase) as capacity:
        capacity.apply_ontology()
        for file in map(Path, files):
            aside = file.with_suffix(".bad.csv")
            receipt = capacity.import_survey(file, mapping=mapping, set_aside=aside)
            print(f"{file.name}: batch {receipt.batch}, {receipt.edits} edits")
            for line in receipt.lines():
                print(f"  {line}")
            bad += aside.exists()
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except wbskills.WbskillsError as error:
        sys.exit(str(error))
