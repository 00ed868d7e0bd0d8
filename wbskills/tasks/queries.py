"""Saved queries: running them on a Wikibase, showing, exporting, checking and creating them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from wbskills.data import queries_folder
from wbskills.errors import Fault, QueryError, WbskillsError, cannot_write
from wbskills.names import KEY
from wbskills.ontology.entries import Ontology
from wbskills.query import run as query_run
from wbskills.query.checks import check_keys, check_portable
from wbskills.query.export import catalogue, for_grlc
from wbskills.query.params import items_of
from wbskills.query.render import without_comments
from wbskills.query.run import PreparedQuery, prepare
from wbskills.query.saved import SavedQuery, find, load
from wbskills.results import Answer
from wbskills.tasks.ontologies import bound
from wbskills.wikibase.embedded.triplestore import syntax_error_position
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.sparql_tokens import TokenKind, tokenize

CATALOGUE: Final = "catalogue.ttl"
TEMPLATE: Final = Path(query_run.__file__).with_name("template.rq")

# What follows a “#” stays in the browser: Chromium's address bar takes 32 KiB. All else goes to
# the server, of which HTTP asks for 8,000 bytes and no more (RFC 9110, 4.1).
_LONGEST_IN_BROWSER: Final = 32_000
_LONGEST_SENT: Final = 8_000


class QueryRunner:
    """Runs saved queries on one Wikibase.

    Queries in `folders` replace built-in ones of the same name. Raises `StoreError` if the
    Wikibase lacks entries of the ontology.
    """

    def __init__(
        self,
        wikibase: Wikibase,
        ontology: Ontology,
        *,
        language: str = "en",
        folders: Sequence[Path] = (),
    ) -> None:
        self._wikibase, self._ontology, self._language = wikibase, ontology, language
        self._folders = [*folders, queries_folder()]
        self._binding = bound(wikibase, ontology)

    def ask(self, name: str, values: Mapping[str, str]) -> Answer:
        """Run a query with values for its parameters. Raises `QueryError` or `NotFound`."""
        prepared = self._prepared(name, values)
        return Answer(prepared, prepared.table(), self._language)

    def sparql(self, name: str, values: Mapping[str, str]) -> str:
        """Return the SPARQL of a query, ready to paste into a query service."""
        return self._prepared(name, values).sparql

    def _prepared(self, name: str, values: Mapping[str, str]) -> PreparedQuery:
        query = find(name, self._folders)
        return prepare(
            query, values, self._wikibase, self._binding, self._ontology, self._language
        )

    def export(self, folder: Path, endpoint: str = "") -> int:
        """Write all queries, and a catalogue, for other programs; returns their number.

        `endpoint` is the address of the Wikibase's SPARQL endpoint. Raises `WbskillsError` if the
        folder is not new, empty or an earlier export, or cannot be written.
        """
        if folder.exists() and not (
            folder.is_dir() and (not any(folder.iterdir()) or (folder / CATALOGUE).is_file())
        ):
            raise WbskillsError(
                f"{folder} has other files in it",
                hint="use a new folder, or that of an earlier export",
            )
        queries = saved_queries(self._folders[:-1]).values()
        items = items_of(self._wikibase, self._ontology, self._binding)
        files = {f"{query.name}.rq": for_grlc(query, items, endpoint) for query in queries}
        files[CATALOGUE] = catalogue(queries, items, self._language, endpoint)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for old in folder.glob("*.rq"):
                old.unlink()
            for name, text in files.items():
                (folder / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise cannot_write(folder, error) from error
        return len(queries)


def saved_queries(folders: Sequence[Path] = ()) -> dict[str, SavedQuery]:
    """List all saved queries by name; those in `folders` replace built-in ones."""
    found: dict[str, SavedQuery] = {}
    for folder in [queries_folder(), *reversed(folders)]:
        found |= {saved.name: saved for saved in load(folder)}
    return found


def link(service: str, sparql: str) -> str | None:
    """Return the address that opens a query in a query service; None if it would be too long.

    Most services take it behind a “#”, as that of Wikidata does; for others, {query} in `service`
    says where it belongs. A query that is too long loses its comments and indentation first.

    >>> link("https://query.example.org/", "SELECT ?a {}")
    'https://query.example.org/#SELECT%20%3Fa%20%7B%7D'

    Raises `QueryError` if `service` is not a web address.
    """
    if not re.fullmatch(r"https?://[^\x00-\x20<>\"]+", service):
        raise QueryError(
            f"“{service}” is not a web address",
            hint="use an address, for example https://query.example.org/",
        )
    place = service if "{query}" in service else f"{service}#{{query}}"
    longest = _LONGEST_IN_BROWSER if "{query}" in urlsplit(place).fragment else _LONGEST_SENT
    for text in (sparql, _shortened(sparql)):
        address = place.replace("{query}", quote(text, safe=""))
        if len(address) <= longest:
            return address
    return None


def check_queries(folder: Path, ontology: Ontology) -> list[str]:
    """List the problems that the saved queries in a folder have on any SPARQL engine.

    Raises `QueryError` with all problems of files that cannot be read.
    """
    return [
        f"{saved.path.name}: {fault}".replace(": row ", ": line ", 1)
        for saved in load(folder)
        for fault in sorted(_problems(saved, ontology), key=lambda fault: fault.row)
    ]


def new_query(name: str, folder: Path) -> Path:
    """Create a saved query that works, to be changed; returns its file.

    Raises `QueryError` if the name is not valid, `WbskillsError` if the file exists.
    """
    if not KEY.fullmatch(name):
        raise QueryError(
            f"“{name}” cannot be the name of a query",
            hint="use only small Latin letters, digits and “_”, for example who_can",
        )
    file = folder / f"{name}.rq"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(TEMPLATE.read_text(encoding="utf-8"))
    except OSError as error:
        raise cannot_write(file, error) from error
    return file


def _shortened(sparql: str) -> str:
    r"""Leave out comments, indentation and empty lines; the query stays the same.

    >>> _shortened("# Why\nSELECT ?a  # what\n\n  { ?a ?b 'c  d' }")
    "SELECT ?a\n{ ?a ?b 'c  d' }"
    """
    pieces = [""]
    for token in tokenize(without_comments(sparql)):
        if token.kind is not TokenKind.SPACE:
            pieces.append(token.text)
        elif not pieces[-1].isspace():
            pieces.append("\n" if "\n" in token.text else " ")
    return "".join(pieces).strip()


def _problems(saved: SavedQuery, ontology: Ontology) -> Iterator[Fault]:
    yield from check_portable(saved)
    yield from check_keys(saved, ontology)
    if (broken := syntax_error_position(saved.text, saved.prefixes)) is not None:
        line, column = broken
        rest = saved.text.splitlines()[line - 1 :]
        before, after = (rest[0][: column - 1], rest[0][column - 1 :]) if rest else ("", "")
        if not "".join([after, *rest[1:]]).strip():
            yield Fault(what="the query ends too early", hint="close the open bracket: “}” or “)”")
        else:
            yield Fault(
                what=f"this is not SPARQL from here on: “{after.strip() or before.strip()}”",
                hint="check the brackets, dots and words just before it",
                row=line,
            )
