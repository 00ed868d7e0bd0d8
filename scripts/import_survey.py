"""Imports survey files in bulk, one after the other: an example of a script on the Python API.

    python scripts/import_survey.py WIKIBASE FILE… [--mapping MAPPING]

The answers to a questionnaire of wbskills need no mapping.
"""

import sys
from pathlib import Path

import click

import wbskills


@click.command()
@click.argument("wikibase")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--mapping", type=click.Path(path_type=Path), help="For all files.")
def main(wikibase: str, files: tuple[Path, ...], mapping: Path | None) -> None:
    """Import survey FILES into WIKIBASE, a folder or the name of a profile.

    The good rows of each file are imported; the bad ones are put, with reasons, into FILE.bad.csv
    beside it. Ends with 1 if there were any.
    """
    bad = 0
    with wbskills.open(wikibase) as capacity:
        capacity.apply_ontology()
        for file in files:
            aside = file.with_suffix(".bad.csv")
            receipt = capacity.import_survey(file, mapping=mapping, set_aside=aside)
            print(f"{file.name}: batch {receipt.batch}, {receipt.edits} edits")
            for line in receipt.lines():
                print(f"  {line}")
            bad += aside.exists()
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    try:
        main()
    except wbskills.WbskillsError as error:
        sys.exit(str(error))
