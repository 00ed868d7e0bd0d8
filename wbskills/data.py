"""Where the built-in files are: the ontology, the saved queries, the style sheet."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def ontology_folder() -> Path:
    """Give the folder of the ontology: in the wheel, or beside the package in a checkout."""
    return _folder("ontology")


def queries_folder() -> Path:
    """Give the folder of the saved queries: in the wheel, or beside the package in a checkout."""
    return _folder("queries")


def base_stylesheet() -> Path:
    """Give the style sheet that the pages of the report and those of a Wikibase share."""
    return _PACKAGE / "static" / "base.css"


def _folder(name: str) -> Path:
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name
