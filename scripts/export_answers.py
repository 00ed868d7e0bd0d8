"""Writes the answers of saved queries as CSV files: an example of a script on the Python API.

    python scripts/export_answers.py WIKIBASE FOLDER [LANGUAGE]

Asks every saved query that needs no parameter. Reads only, so that others can write meanwhile.
"""

import sys
from pathlib import Path

import wbskills


def main(wikibase: str, folder: str, language: str = "en") -> int:
    """Write a file for each answer that has rows."""
    made = Path(folder)
    made.mkdir(parents=True, exist_ok=True)
    with wbskills.open(wikibase, write=False, language=language) as capacity:
        for name, query in capacity.queries().items():
            if any(param.required and not param.default for param in query.params):
                continue
            answer = capacity.ask(name)
            if len(answer):
                (made / f"{name}.csv").write_text(answer.to_csv(), encoding="utf-8", newline="")
                print(f"{name}.csv: {len(answer)} rows")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except wbskills.WbskillsError as error:
        sys.exit(str(error))
