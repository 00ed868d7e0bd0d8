"""Writes the answers of saved queries as CSV files: an example of a script on the Python API.

python scripts/export_answers.py WIKIBASE FOLDER [LANGUAGE]
"""

import sys
from pathlib import Path

import click

import wbskills


@click.command()
@click.argument("wikibase")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("language", default="en")
def main(wikibase: str, folder: Path, language: str) -> None:
    """Ask every saved query that needs no parameter, and write each answer into FOLDER.

    Reads only, so that others can write meanwhile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with wbskills.open(wikibase, write=False, language=language) as capacity:
        for name, query in capacity.queries().items():
            if any(param.required and not param.default for param in query.params):
                continue
            answer = capacity.ask(name)
            if len(answer):
                (folder / f"{name}.csv").write_text(answer.to_csv(), encoding="utf-8", newline="")
                print(f"{name}.csv: {len(answer)} rows")


if __name__ == "__main__":
    try:
        main()
    except wbskills.WbskillsError as error:
        sys.exit(str(error))
