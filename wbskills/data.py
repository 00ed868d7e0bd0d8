"""Where the built-in files are: the ontology, the saved queries, the style sheet."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def ontology_folder() -> Path:
    """Return the folder of the ontology, in the wheel or in a checkout."""
    return _folder("ontology")


def queries_folder() -> Path:
    """Return the folder of the saved queries, in the wheel or in a checkout."""
    return _folder("queries")


def base_stylesheet() -> Path:
    """Return the style sheet of reports and of a served Wikibase."""
    return _PACKAGE / "static" / "base.css"


def _folder(name: str) -> Path:
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name
