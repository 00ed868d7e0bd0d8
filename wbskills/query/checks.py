"""Checks of saved queries: that they are portable, and that the ontology has what they name.

Each rule of portable queries stands for a trap: an engine refuses the query, finds nothing, or
searches for minutes. The rules read tokens only, so they need no engine.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from wbskills.errors import Fault
from wbskills.names import ENTITY_ID, did_you_mean
from wbskills.ontology.entries import Ontology
from wbskills.query.header import OURS
from wbskills.query.params import OTHERS
from wbskills.query.query_text import NAMESPACES, slot_of
from wbskills.query.render import optional_parts
from wbskills.query.saved import Param, SavedQuery
from wbskills.wikibase.sparql_tokens import (
    Token,
    TokenKind,
    TokenTree,
    meaningful,
    place,
    tokenize,
)

AGGREGATES: Final = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})

# All words of SPARQL 1.1 that a portable query may use. FROM, GRAPH and SERVICE name places that
# not every engine has; LATERAL, WITH, STDEV and the like are of one engine each.
_WORDS: Final = """
    PREFIX SELECT DISTINCT REDUCED AS WHERE ORDER BY ASC DESC GROUP HAVING LIMIT OFFSET VALUES
    UNDEF OPTIONAL UNION MINUS FILTER BIND EXISTS NOT IN A TRUE FALSE SEPARATOR STR LANG
    LANGMATCHES DATATYPE BOUND IRI URI ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE
    ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES
    SECONDS COALESCE IF STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC REGEX
    SUBSTR REPLACE MD5
"""
WORDS: Final = AGGREGATES | frozenset(_WORDS.split())
_EXACT: Final = {("xsd", "decimal"), ("xsd", "double")}  # casts after which 1 / 2 is 0.5
_FEW: Final = "# few:"  # on the line of an OPTIONAL that finds too little to do harm
_BLAZEGRAPH: Final = "http://www.bigdata.com/"

Rule = Callable[["_Text"], Iterator[tuple[Token, str, str]]]


def check_portable(query: SavedQuery) -> list[Fault]:
    """List where a query would not be portable, by its lines."""
    text = _Text(query)
    faults = [
        Fault(what=what, hint=hint, row=place(query.text, token.at)[0])
        for rule in _RULES
        for token, what, hint in rule(text)
    ]
    if not query.key:
        hint = "add the columns that together identify a row"
        faults.append(Fault(what="there is no key", hint=hint, column=f"{OURS}.key"))
    return sorted(faults, key=lambda fault: fault.row)


def check_keys(query: SavedQuery, ontology: Ontology) -> Iterator[Fault]:
    """List the keys, sections and values of a query that the ontology does not have."""
    items = [key for key, entry in ontology.entries.items() if entry.section]
    known = {"item": items, "property": list(ontology.properties)}
    for token in meaningful(tokenize(query.text)):
        prefix, key = token.name
        kind = NAMESPACES.get(query.prefixes.get(prefix, ""))
        if kind and key and key not in known[kind]:
            yield Fault(
                what=f"there is no {kind} “{key}” in the ontology",
                hint=did_you_mean(key, known[kind]),
                row=place(query.text, token.at)[0],
            )
    for param in query.params:
        if param.type == "iri":
            yield from _values(param, ontology)


def _values(param: Param, ontology: Ontology) -> Iterator[Fault]:
    sections = {entry.section for entry in ontology.entries.values()} | set(OTHERS)
    if param.section not in sections:
        yield Fault(
            what=f"there is no section “{param.section}”",
            hint=did_you_mean(param.section, sections)
            or f"use one of {', '.join(sorted(filter(None, sections)))}",
            column=f"{OURS}.params.{param.name}",
        )
        return
    if param.section in OTHERS:  # in no file of the ontology
        return
    keys = ontology.section(param.section)
    for where, values in (("defaults", [param.default]), ("enumerate", param.choices)):
        for value in filter(None, values):
            if value not in keys:
                yield Fault(
                    what=f"there is no “{value}” in {param.section}",
                    hint=did_you_mean(value, keys),
                    column=f"{where}.{param.name}",
                )


class _Text(TokenTree):
    """The tokens of a query, and how many round brackets are open before each."""

    def __init__(self, query: SavedQuery) -> None:
        super().__init__(query.text, query.prefixes)
        self.query = query
        self.depth: list[int] = []
        depth = 0
        for token in self.tokens:
            depth -= token.text == ")"
            self.depth.append(depth)
            depth += token.text == "("

    def within(self, opening: int) -> Sequence[Token]:
        """Return the tokens between the bracket at `opening` and the one that closes it."""
        return self.tokens[opening + 1 : self.closing.get(opening, len(self.tokens))]

    def before(self, at: int) -> Token:
        return self.tokens[at - 1] if at else Token(TokenKind.SPACE, "")

    def words(self, *wanted: str) -> Iterator[int]:
        return (at for at, token in enumerate(self.tokens) if token.word in wanted)


def _only_known_words(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for token in text.tokens:
        if token.word and token.word not in WORDS:
            yield token, f"“{token.text}” is not understood everywhere", "use only SPARQL 1.1"


def _prefixes(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for token in text.tokens:
        prefix, key = token.name
        namespace = text.prefixes.get(prefix)
        if token.kind is TokenKind.NAME and namespace is None:
            yield token, f"the prefix “{prefix}:” is not declared", f"add PREFIX {prefix}: <…>"
        elif namespace and namespace.startswith(_BLAZEGRAPH):
            yield token, "this is a hint for one engine, and finds no rows on all others", ""
        elif namespace in NAMESPACES and ENTITY_ID.fullmatch(key):
            yield (
                token,
                f"“{key}” means something else in every Wikibase",
                "use a key of the ontology",
            )


def _having(text: _Text) -> Iterator[tuple[Token, str, str]]:
    aggregated = [
        (opening, closed)
        for opening, closed in text.closing.items()
        if text.before(opening).word in AGGREGATES
    ]
    for having in text.words("HAVING"):
        for at in range(having, text.closing.get(having + 1, having)):
            token = text.tokens[at]
            inside = any(opening < at < closed for opening, closed in aggregated)
            if token.variable and not slot_of(token.variable) and not inside:
                yield token, "HAVING by a name is silently empty on some engines", "the aggregate"


def _exists(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for at in text.words("EXISTS"):
        inside = [token.text for token in text.within(at + 1)]
        if inside and inside[-1] == ".":
            inside.pop()
        if not {".", ";", ",", "{"}.isdisjoint(inside):
            hint = "use MINUS, or a sub-select"
            yield text.tokens[at], "EXISTS with more than one pattern can take minutes", hint


def _or_exists(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for at, token in enumerate(text.tokens):
        if token.text != "||":
            continue
        sides = (_side(text, at, -1), _side(text, at, 1))
        if any(one.word == "EXISTS" for side in sides for one in side):
            hint = "write IF(…, 1, IF(EXISTS {…}, 1, 0)) = 1"
            yield token, "EXISTS beside “||” may be looked up first, for every row", hint


def _side(text: _Text, at: int, step: int) -> Iterator[Token]:
    """Iterate over the tokens on one side of an operator, up to the bracket or comma beside it."""
    depth = 0
    opens, closes = ("({", ")}") if step > 0 else (")}", "({")
    while 0 <= (at := at + step) < len(text.tokens):
        token = text.tokens[at]
        depth += (token.text in opens) - (token.text in closes)
        if depth < 0 or (depth == 0 and token.text == ","):
            return
        yield token


def _optional(text: _Text) -> Iterator[tuple[Token, str, str]]:
    lines = text.query.text.splitlines()
    for at in text.words("OPTIONAL"):
        token = text.tokens[at]
        subjects = set(_subjects(text, at + 1))
        if len(subjects) > 1 and _FEW not in lines[place(text.query.text, token.at)[0] - 1]:
            what = "OPTIONAL with patterns of two subjects joins everything about both"
            yield (
                token,
                what,
                f"use one pattern or a sub-select, or add “{_FEW} …” and why there are few",
            )


def _subjects(text: _Text, opening: int) -> Iterator[str]:
    """Iterate over the subjects of the patterns directly in a group, not in inner groups."""
    at, begins = opening + 1, True
    while at < text.closing.get(opening, len(text.tokens)):
        token = text.tokens[at]
        if token.text in {"(", "{"}:
            # A bracket without a word before it is part of a path.
            begins = begins or token.text == "{" or bool(text.before(at).word)
            at = text.closing.get(at, at)
        elif token.text == "." or token.word:
            begins = token.text == "."
        elif begins:
            yield token.text
            begins = False
        at += 1


def _division(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for at, token in enumerate(text.tokens):
        if token.text != "/" or token.kind is not TokenKind.MARK:
            continue
        before = text.before(at)
        if before.text == ")":
            opening = next(one for one, closed in text.closing.items() if closed == at - 1)
            wrong = text.before(opening).name not in _EXACT and _computed(text, opening)
        else:
            wrong = before.kind in {TokenKind.VARIABLE, TokenKind.NUMBER}
        if wrong:
            yield token, "1 / 2 is 0 on some engines", "write xsd:decimal(…) / …"


def _order(text: _Text) -> Iterator[tuple[Token, str, str]]:
    last = list(text.words("ORDER"))
    top = [at for at in last if not any(o < at < c for o, c in text.closing.items())]
    named = {token.variable for at in top for token in text.tokens[at:]}
    for column in text.query.key:
        if column not in named:
            yield (
                text.tokens[-1],
                f"rows with different “{column}” have no fixed order",
                "add it to ORDER BY",
            )


def _parameters(text: _Text) -> Iterator[tuple[Token, str, str]]:
    start = next(text.words("SELECT"))
    for at, token in enumerate(text.tokens):
        before = text.before(at)
        place_for_variables = (
            before.word in {"AS", "VALUES", "BY"}
            or (before.text == "(" and text.before(at - 1).word == "BOUND")
            or (at > start and text.depth[at] == 0 and _in_select(text, at))
        )
        if slot_of(token.variable) and place_for_variables:
            yield token, f"“{token.text}” cannot be replaced here: only a variable is allowed", ""


def _concat(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for at in text.words("GROUP_CONCAT"):
        words = [token.text.upper() for token in text.tokens[at + 1 : at + 4]]
        if words[1:2] != ["STR"] and words[1:] != ["DISTINCT", "STR"]:
            yield (
                text.tokens[at],
                "some engines keep a language here",
                "write GROUP_CONCAT(STR(…) …)",
            )


def _labels(text: _Text) -> Iterator[tuple[Token, str, str]]:
    seen: set[str] = set()
    for at, token in enumerate(text.tokens):
        if text.before(at).text == "rdfs:label" and token.variable:
            if token.variable in seen:
                yield token, "a second label in one variable", "use a variable for each language"
            seen.add(token.variable)


def _numbers(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for at, token in enumerate(text.tokens):
        if (
            token.kind is TokenKind.NUMBER
            and text.depth[at] == 0
            and text.before(at).word not in {"LIMIT", "OFFSET"}
        ):
            yield token, "a number is not found if it is written otherwise", "FILTER (?n = 3)"


def _optional_parameters(text: _Text) -> Iterator[tuple[Token, str, str]]:
    parts = optional_parts(text.text)
    handled = [
        (text.tokens[at].at, text.tokens[last].at)
        for at, last in text.closing.items()
        if text.before(at).word in {"COALESCE", "BOUND"}
    ]
    filters = [
        (text.tokens[at].at, text.tokens[text.closing[at + 1]].at)
        for at in text.words("FILTER")
        if at + 1 in text.closing
    ]
    for token in text.tokens:
        found = slot_of(token.variable)
        if found is None or found.required:
            continue
        in_part = any(first < token.at < last for first, last, _ in parts)
        in_call = any(first < token.at < last for first, last in handled)
        # A FILTER that handles a missing value in one place may use the parameter in another.
        in_filter = any(
            first < token.at < last and any(first < other < last for other, _ in handled)
            for first, last in filters
        )
        if not (in_part or in_call or in_filter):
            yield (
                token,
                f"“{token.text}” is a free variable here where no value is given",
                "put it into a FILTER, a group { } of its own, or a branch after UNION",
            )


_RULES: Final[tuple[Rule, ...]] = (
    _only_known_words, _prefixes, _having, _exists, _or_exists, _optional, _division, _order,
    _parameters, _optional_parameters, _concat, _labels, _numbers,
)  # fmt: skip


def _computed(text: _Text, opening: int) -> bool:
    """Return whether brackets hold an expression; a group of a path has no variables."""
    return any(token.variable or token.kind is TokenKind.NUMBER for token in text.within(opening))


def _in_select(text: _Text, at: int) -> bool:
    """Return whether a token is among the columns of a SELECT."""
    for token in reversed(text.tokens[:at]):
        if token.text in {"{", "}"} or token.word == "WHERE":
            return False
        if token.word == "SELECT":
            return True
    return False
