"""Write the files of `quirks`, and with `--faults` what the importer says about them today."""

import sys
import tempfile
from pathlib import Path

from tests.surveys.exports.importing import line
from tests.surveys.exports.quirks import Case, cases
from tests.surveys.exports.tools import said
from wbskills.data import ontology_folder
from wbskills.errors import MappingError, SurveyError
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load as load_ontology
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.survey import Survey

FOLDER = Path(__file__).parent


def file_of(name: str) -> Path:
    """Name the file of a case."""
    return FOLDER / f"{name}.csv"


def out_of(case: Case) -> list[str]:
    """Say what has to come out of a case."""
    withheld, superseded = case.counts
    return [*sorted(map(said, case.out)), f"withheld {withheld}, superseded {superseded}"]


def told(name: str, case: Case, ontology: Ontology) -> tuple[list[str], str]:
    """Import a case: what comes out of it, and what is said to be wrong with it."""
    with tempfile.TemporaryDirectory() as folder:
        mapping = Path(folder) / "mapping.toml"
        mapping.write_text(case.mapping, encoding="utf-8")
        try:
            survey = Survey.open(file_of(name), toml_file.load(mapping), ontology)
            findings = survey.check()
        except (MappingError, SurveyError) as error:
            said_of = str(error).replace(str(mapping), "mapping.toml")
            return ["withheld 0, superseded 0"], _without(said_of)
        counts = f"withheld {findings.withheld.count}, superseded {findings.superseded.count}"
        wrong = findings.error()
        lines = [*sorted(map(line, survey.responses())), counts]
        return lines, _without(str(wrong)) if wrong else ""


def _without(text: str) -> str:
    return text.replace(f"{FOLDER}/", "") + "\n"


def main() -> None:
    """Write everything."""
    ontology = load_ontology(ontology_folder())
    for name, case in cases().items():
        path = file_of(name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(case.bytes())
        if "--faults" in sys.argv:
            faults = told(name, case, ontology)[1]
            golden = path.with_suffix(".faults")
            if faults:
                golden.write_text(faults, encoding="utf-8")
            else:
                golden.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
