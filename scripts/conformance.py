"""Writes docs/conformance.md: how closely the embedded Wikibase matches a recorded one.

scripts/conformance.py            write the page
scripts/conformance.py --check    exit with 1 if the page is not up to date
"""

import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.wikibase.server.replaying import (  # noqa: E402 - its place
    OPTIONS,
    Exchange,
    exchanges,
    out_of_scope,
    replaying,
)

PAGE = ROOT / "docs" / "conformance.md"
_HEAD = """\
# How closely a Wikibase folder matches a real Wikibase

`scripts/conformance.py` writes this page; a test checks that it is up to date.

{total} requests to a real Wikibase (MediaWiki 1.39, starting with an empty wiki) were recorded
with their answers. The same requests are sent, in the same order, to an empty embedded Wikibase,
and every answer is compared: the status, the headers that clients use, and all of the JSON.
The server is started with options that everyone has:

```sh
{command}
```

Some recordings were made with replication lag, in read-only mode or with a limit of edits per
minute; for these the same failures are simulated (`--faults`). Items can be linked to one site,
the wiki itself. Only files listed in `--commons` exist on Wikimedia Commons.

What cannot be equal is compared in another way. Tokens and times are compared by their form, and
HTML inside of messages by its text. Versions of MediaWiki and PHP, hashes of whole pages and names
of PHP classes are not compared. GUIDs of statements, and the numbers of revisions, pages and log
entries, must correspond to those of the recording one to one, through the whole replay. RDF is
compared triple by triple.

| | exchanges | in scope | equal | different |
|---|--:|--:|--:|--:|
"""

_BESIDE = """
## What was not recorded

`tests/wikibase/server/exchanges` has exchanges in the same format, written by hand from the
documentation. They are tested in the same way.

- **Entity data**: the prefixes in RDF are those of Wikibase 1.44 and later (`wds:`, `wdref:`,
  `wdv:`, `wdata:`). The triples are those of the recorded files, and the JSON-LD has the same
  names.
- **Query service**: data about the document of an entity (`wikibase:statements`,
  `wikibase:sitelinks`, `wikibase:identifiers`, `schema:version`, `schema:dateModified`) is stored
  with the entity itself, as Wikidata's updater does; there are no documents. The columns of
  `SELECT *` are in the order of the query. Functions of Wikidata's engine (`geof:`) are refused,
  with their name in the error. Pages that sitelinks lead to are in the entity data, not in the
  query service.
- **SPARQL 1.1 Protocol**: 15 of the W3C's 34 cases are answered as required. 12 cases name a
  dataset and 7 are updates; these are refused on purpose: there is one graph, and edits are made
  with the Action API. Without the names of datasets, all queries among them are answered.
- **Reconciliation**: version 0.2; every answer is valid by its JSON schemas. Version 1.0 is a
  draft that no client known to us uses.
- **Values** (`wbparsevalue`, `wbformatvalue`): follow the parsers and formatters of current
  Wikibase. Names of months and separators of numbers are those of CLDR. Spans of years (“19.
  Jahrhundert”) are parsed in English and German. Plain text shows a calendar only on request.
- **Search**: without a search engine, Wikibase finds nothing, as recorded (`--no-full-text`).
  Without that option, labels, aliases, descriptions and statements are searched.

Where the recorded version, 1.39, and current Wikibase differ, the recording is followed for the
cases that it has, and current Wikibase for all others.

## Test suites of clients

`scripts/peer_suites.py` runs them. `scripts/peer_suites.toml` lists the tests that fail on
purpose, with the reasons.

| suite | tests | pass | known | unexpected |
|---|--:|--:|--:|--:|
| wikibase-edit 8.2.3 | 353 | 350 | 3 | 0 |
| WikibaseIntegrator, integration tests, August 2026 | 5 | 5 | 0 | 0 |
| Pywikibot, tests that ask the wiki of the settings, August 2026 | 115 | 95 | 20 | 0 |

Most tests of Pywikibot use the wikis of Wikimedia and cannot use another one.
WikibaseIntegrator's other tests use no server.
"""


def main() -> int:
    """Write the page, or check it."""
    text = page()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


def page() -> str:
    """Replay all recordings and return the text of the page."""
    skipped, every = out_of_scope(), exchanges()
    asked = [each for each in every if each.about != "REST"]
    found = dict(_replayed(asked, skipped))
    return "".join(_lines(every, found, skipped))


def _replayed(
    asked: Iterable[Exchange], skipped: dict[str, str]
) -> Iterator[tuple[str, list[str]]]:
    with replaying(*OPTIONS) as replay:
        for exchange in asked:
            if exchange.name in skipped:
                replay.skip(exchange)
            else:
                yield exchange.name, replay.replay(exchange)


def _lines(
    every: list[Exchange], found: dict[str, list[str]], skipped: dict[str, str]
) -> Iterator[str]:
    yield _HEAD.format(total=len(every), command=_command())
    sums: Counter[str] = Counter()
    for about, heading in (("api", "Action API"), ("entity data", "Entity data")):
        names = [each.name for each in every if each.about == about]
        in_scope = [name for name in names if name in found]
        different = [name for name in in_scope if found[name]]
        row = {
            "all": len(names),
            "in scope": len(in_scope),
            "equal": len(in_scope) - len(different),
            "different": len(different),
        }
        sums.update(row)
        yield _row(heading, row)
    yield _row("**total**", sums)
    share = 100 * sums["in scope"] / sums["all"]
    equal = 100 * sums["equal"] / sums["in scope"]
    yield f"\n{share:.1f} % are in scope. Of these, {equal:.1f} % are equal.\n"
    yield from _differences(every, found)
    yield from _left_out(every, skipped)
    yield _BESIDE


def _command() -> str:
    """Return the command as it is typed in the top folder of this repository."""
    words = ["wbskills", "serve", "--wikibase", ":memory:", "--host", "127.0.0.1", *OPTIONS]
    return shlex.join(word.removeprefix(f"{ROOT}/") for word in words)


def _row(heading: str, row: Counter[str] | dict[str, int]) -> str:
    return (
        f"| {heading} | {row['all']} | {row['in scope']} | {row['equal']} | {row['different']} |\n"
    )


def _differences(every: list[Exchange], found: dict[str, list[str]]) -> Iterator[str]:
    yield "\n## What differs\n\n"
    titles = {each.name: each.title for each in every}
    different = {name: lines for name, lines in found.items() if lines}
    if not different:
        yield "Nothing.\n"
    for name, lines in different.items():
        yield f"- **{name}** ({titles[name]})\n"
        for line in lines[:5]:
            yield f"    - `{line.replace('`', chr(39))}`\n"


def _left_out(every: list[Exchange], skipped: dict[str, str]) -> Iterator[str]:
    rest = [each for each in every if each.about == "REST"]
    yield "\n## What is out of scope\n\n"
    yield f"- **The REST API** (version 0 when it was recorded): {len(rest)} exchanges\n"
    for reason in dict.fromkeys(skipped.values()):
        names = [name for name in skipped if skipped[name] == reason]
        yield f"- **{reason}**: {', '.join(names)}\n"


if __name__ == "__main__":
    sys.exit(main())
