"""Writes docs/conformance.md: how far the embedded Wikibase answers as a recorded one.

    scripts/conformance.py            write it anew
    scripts/conformance.py --check    tell whether it is up to date

Needs the recordings, which stand beside this repository.
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
# How far the embedded Wikibase answers as a real one

Written by `scripts/conformance.py`; a test checks that it is up to date.

{total} requests and answers of a real Wikibase (MediaWiki 1.39, with an empty wiki at the
beginning) were recorded. Here they are asked again, in their order, of an empty embedded Wikibase,
and every answer is compared: the status, the headers that clients look at, and all of the JSON.
It is made by the options that everybody has:

```sh
{command}
```

The lag, the read-only mode and the limit of edits a minute that were switched on for some of the
recordings are switched on for them here, too (`--faults`). Items can be linked to one site, the
wiki itself. What is on Wikimedia Commons is asked of the list in `--commons` alone.

Compared by their form, for they cannot be equal: tokens, times, the versions of MediaWiki and PHP,
HTML inside of messages, hashes of whole pages, names of PHP classes. GUIDs of statements, numbers
of revisions, pages and log entries have to stand for those of the recording one to one, all
through the replay. RDF is compared triple by triple.

| | exchanges | in scope | equal | different |
|---|--:|--:|--:|--:|
"""

_BESIDE = """
## What was not recorded

`tests/wikibase/server/exchanges` has exchanges of the same form that were written by hand from
what is documented; they are asked in the same way.

- **Entity data**: RDF names its prefixes as Wikibase does since 1.44 (`wds:`, `wdref:`, `wdv:`,
  `wdata:`); all that the recorded files say is said, and their JSON-LD has the same names.
- **Query service**: what the document about an entity tells (`wikibase:statements`,
  `wikibase:sitelinks`, `wikibase:identifiers`, `schema:version`, `schema:dateModified`) is told of
  the entity, as the updater of Wikidata's moves it, and documents are left out. `SELECT *` has its
  columns in the order of the query. Functions of Wikidata's engine (`geof:`) are refused by name.
  Pages that sitelinks lead to are in the entity data, not in the query service.
- **SPARQL 1.1 Protocol**: of the W3C's 34 cases, 15 are answered as they demand; 12 name a
  dataset, 7 are updates, and these are refused on purpose: there is one graph, and edits are the
  Action API's. Without the names of datasets, all queries among them are answered.
- **Reconciliation**: version 0.2, of whose JSON schemas every answer is valid. Version 1.0 is a
  draft that no client known to us speaks.
- **Values** (`wbparsevalue`, `wbformatvalue`): the parsers and formatters of current Wikibase are
  followed. Names of months and separators of numbers are those of CLDR. Spans of years ("19.
  Jahrhundert") are read in English and German. Plain text names no calendar unless asked to.
- **Search**: Wikibase's own answers nothing without a search engine, as recorded
  (`--no-full-text`); without that option labels, aliases,
  descriptions and statements are searched.

Where the recorded version, 1.39, and current Wikibase differ, the recording is followed where it
has the case, and current Wikibase elsewhere.

## Suites that clients bring along

`scripts/peer_suites.py` runs them; what fails on purpose stands in `scripts/peer_suites.toml`
with its reason.

| suite | tests | pass | known | unexpected |
|---|--:|--:|--:|--:|
| wikibase-edit 8.2.3 | 353 | 350 | 3 | 0 |
| WikibaseIntegrator, integration tests, August 2026 | 5 | 5 | 0 | 0 |
| Pywikibot, tests that ask the wiki of the settings, August 2026 | 115 | 95 | 20 | 0 |

Most tests of Pywikibot ask the wikis of Wikimedia and cannot be pointed elsewhere;
WikibaseIntegrator's other tests ask no server.
"""


def main() -> int:
    """Write the page, or tell whether it is up to date."""
    text = page()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


def page() -> str:
    """Replay everything and say what came of it."""
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
            elif exchange.about == "api" or replay.has_entity_data:
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
    yield _row("**together**", sums)
    share = 100 * sums["in scope"] / sums["all"]
    equal = 100 * sums["equal"] / sums["in scope"]
    yield f"\n{share:.1f} % are in scope; {equal:.1f} % of those are equal.\n"
    yield from _differences(every, found)
    yield from _left_out(every, skipped)
    yield _BESIDE


def _command() -> str:
    """Write the command as it is typed at the top of this repository."""
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
