"""Pywikibot in a process of its own: carries out what stands on each line of its input.

Its settings and caches belong to a whole process. A line is JSON: the name of a function below
and its arguments; the answer is a line of JSON, too.
"""

import json
import sys
from typing import Any

import pywikibot
from pywikibot import pagegenerators
from pywikibot.data.sparql import SparqlQuery

SITE = pywikibot.Site()
REPO = SITE.data_repository()


def create_property(label: str, datatype: str) -> str:
    """Make a property."""
    made = pywikibot.PropertyPage(REPO, datatype=datatype)
    made.editEntity({"labels": {"en": label}})
    return str(made.id)


def create_item(
    labels: dict[str, str], description: str, aliases: list[str], claims: list[Any]
) -> str:
    """Make an item, then add its statements one by one."""
    made = pywikibot.ItemPage(REPO)
    terms: dict[str, Any] = {"labels": labels, "descriptions": {"en": description}}
    made.editEntity({**terms, **({"aliases": {"en": aliases}} if aliases else {})})
    for claim in claims:
        add(made.id, claim)
    return str(made.id)


def add(item: str, claim: dict[str, Any]) -> None:
    """Add a statement, then each of its qualifiers and references."""
    made = _fact(claim["fact"], rank=claim["rank"])
    _item(item).addClaim(made)
    for fact in claim["qualifiers"]:
        made.addQualifier(_fact(fact, is_qualifier=True))
    for facts in claim["references"]:
        made.addSources([_fact(fact, is_reference=True) for fact in facts])


def change(item: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Change the value of a statement."""
    _saying(item, old).changeTarget(_value(new))


def remove(item: str, fact: dict[str, Any]) -> None:
    """Remove a statement."""
    _item(item).removeClaims(_saying(item, fact))


def merge(source: str, target: str) -> None:
    """Merge an item into another."""
    _item(source).mergeInto(_item(target))


def search(text: str) -> list[str]:
    """Search by the beginning of a label."""
    return [found["id"] for found in REPO.search_entities(text, "en", total=20)]


def read(entity_id: str) -> Any:  # noqa: ANN401 - JSON
    """Read an item into objects and write them as JSON again."""
    found = _item(entity_id)
    return {"labels": dict(found.labels), "claims": found.toJSON()["claims"]}


def pages(how: str, *about: str) -> list[str]:
    """List pages in one of the ways in which scripts choose them."""
    generators: dict[str, Any] = {
        "argument": lambda: _combined(*about),
        "prefix": lambda: SITE.allpages(prefix=about[0], namespace=120),
        "references": lambda: pywikibot.Page(SITE, about[0]).getReferences(),
        "links": lambda: pywikibot.Page(SITE, about[0]).linkedPages(),
        "templates": lambda: pywikibot.Page(SITE, about[0]).templates(),
        "categories": lambda: pywikibot.Page(SITE, about[0]).categories(),
        "embedded in": lambda: pywikibot.Page(SITE, about[0]).embeddedin(),
        "contributions": lambda: (
            contribution[0] for contribution in pywikibot.User(SITE, about[0]).contributions()
        ),
        "log": lambda: (log_event.page() for log_event in SITE.logevents(logtype="delete")),
    }
    return [page.title() for page in generators[how]()]


def _combined(*arguments: str) -> Any:  # noqa: ANN401 - hardly typed library
    made = pagegenerators.GeneratorFactory(site=SITE)
    for argument in arguments:
        assert made.handle_arg(argument)
    return pagegenerators.PreloadingGenerator(made.getCombinedGenerator())


def ask(query: str, endpoint: str, entities: str) -> Any:  # noqa: ANN401 - JSON
    """Ask the query service."""
    return SparqlQuery(endpoint=endpoint, entity_url=entities).select(query)


def _item(entity_id: str) -> Any:  # noqa: ANN401 - hardly typed library
    found = pywikibot.ItemPage(REPO, entity_id)
    found.get(force=True)
    return found


def _saying(item: str, fact: dict[str, Any]) -> Any:  # noqa: ANN401 - hardly typed library
    claims = _item(item).claims[fact["property"]]
    (found,) = [claim for claim in claims if claim.getTarget() == _value(fact)]
    return found


def _fact(fact: dict[str, Any], **more: Any) -> Any:  # noqa: ANN401 - hardly typed library
    made = pywikibot.Claim(REPO, fact["property"], **more)
    if fact["unknown"]:
        made.setSnakType(fact["unknown"])
    else:
        made.setTarget(_value(fact))
    return made


def _value(fact: dict[str, Any]) -> Any:  # noqa: ANN401 - hardly typed library
    value = fact["value"]
    match fact["datatype"]:
        case "wikibase-item":
            return pywikibot.ItemPage(REPO, value)
        case "quantity":
            units = [pywikibot.ItemPage(REPO, unit) for unit in value[1:]]
            return pywikibot.WbQuantity(value[0], *units, site=REPO)
        case "time":
            year, month, day = map(int, value.split("-"))
            return pywikibot.WbTime(year, month, day, site=REPO)
        case "monolingualtext":
            return pywikibot.WbMonolingualText(*value)
        case "globe-coordinate":
            latitude, longitude, precision = map(float, value)
            return pywikibot.Coordinate(latitude, longitude, precision=precision, site=REPO)
        case _:
            return value


def main() -> None:
    """Carry out one line after the other."""
    SITE.login()
    known = (create_property, create_item, add, change, remove, merge, search, read, pages, ask)
    functions = {function.__name__: function for function in known}
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        found = functions[name](*arguments)
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
