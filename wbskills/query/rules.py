"""Rules that keep one text of a query right and fast on every engine.

Each rule is a trap that somebody fell into: an engine refuses the query, answers with silence, or
searches for minutes. They read tokens only, so they need no engine.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from wbskills.errors import Fault
from wbskills.names import ENTITY_ID
from wbskills.query import body
from wbskills.query.body import NAMESPACES, slot
from wbskills.query.header import OURS
from wbskills.query.saved import SavedQuery
from wbskills.wikibase.sparql_tokens import Kind, Token, meaningful, place, tokenize

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


def check(query: SavedQuery) -> list[Fault]:
    """Tell where a query would not be portable, by its lines; nothing if it is."""
    text = _Text(query)
    faults = [
        Fault(what=what, hint=hint, row=place(query.text, token.at)[0])
        for rule in _RULES
        for token, what, hint in rule(text)
    ]
    if not query.key:
        hint = "the columns that no two rows share together"
        faults.append(Fault(what="there is no key", hint=hint, column=f"{OURS}.key"))
    return sorted(faults, key=lambda fault: fault.row)


class _Text:
    """The tokens of a query, which bracket closes which, and where the query proper begins."""

    def __init__(self, query: SavedQuery) -> None:
        self.query = query
        self.tokens: list[Token] = list(meaningful(tokenize(query.text)))
        self.prefixes = body.read(query.text).prefixes
        self.closing: dict[int, int] = {}
        self.depth: list[int] = []  # how many round brackets are open before each token
        opened: list[int] = []
        for at, token in enumerate(self.tokens):
            self.depth.append(sum(self.tokens[one].text == "(" for one in opened))
            if token.text in {"(", "{"}:
                opened.append(at)
            elif token.text in {")", "}"} and opened:
                self.closing[opened.pop()] = at

    def within(self, opening: int) -> Sequence[Token]:
        """Give the tokens between the bracket at `opening` and the one that closes it."""
        return self.tokens[opening + 1 : self.closing.get(opening, len(self.tokens))]

    def before(self, at: int) -> Token:
        return self.tokens[at - 1] if at else Token(Kind.SPACE, "")

    def words(self, *wanted: str) -> Iterator[int]:
        return (at for at, token in enumerate(self.tokens) if token.word in wanted)


def _only_known_words(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for token in text.tokens:
        if token.word and token.word not in WORDS:
            yield token, f"“{token.text}” is not understood everywhere", "what SPARQL 1.1 has"


def _prefixes(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for token in text.tokens:
        prefix, key = token.name
        namespace = text.prefixes.get(prefix)
        if token.kind is Kind.NAME and namespace is None:
            yield token, f"the prefix “{prefix}:” is not declared", f"PREFIX {prefix}: <…>"
        elif namespace and namespace.startswith(_BLAZEGRAPH):
            yield token, "this is a hint for one engine, and no rows on all others", ""
        elif namespace in NAMESPACES and ENTITY_ID.fullmatch(key):
            yield token, f"“{key}” means something else in every Wikibase", "a key of the ontology"


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
            if token.variable and not slot(token.variable) and not inside:
                yield token, "HAVING by a name is silently empty on some engines", "the aggregate"


def _exists(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for at in text.words("EXISTS"):
        inside = list(text.within(at + 1))
        if inside and inside[-1].text == ".":
            inside.pop()
        if len(inside) != 3:
            hint = "MINUS, or a sub-select"
            yield text.tokens[at], "EXISTS with more than one pattern can take minutes", hint


def _or_exists(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for at, token in enumerate(text.tokens):
        if token.text != "||":
            continue
        sides = (_side(text, at, -1), _side(text, at, 1))
        if any(one.word == "EXISTS" for side in sides for one in side):
            hint = "IF(…, 1, IF(EXISTS {…}, 1, 0)) = 1"
            yield token, "EXISTS beside “||” may be looked up first, for every row", hint


def _side(text: _Text, at: int, step: int) -> Iterator[Token]:
    """Give the tokens on one side of an operator, up to the bracket or comma beside it."""
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
            what = "OPTIONAL with patterns of two subjects is joined with all there is of both"
            yield token, what, f"one pattern, a sub-select, or “{_FEW} …” and why there are few"


def _subjects(text: _Text, opening: int) -> Iterator[str]:
    """Give the subject of each pattern directly in a group, of those within nothing else."""
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
        if token.text != "/" or token.kind is not Kind.MARK:
            continue
        before = text.before(at)
        if before.text == ")":
            opening = next(one for one, closed in text.closing.items() if closed == at - 1)
            wrong = text.before(opening).name not in _EXACT and _computed(text, opening)
        else:
            wrong = before.kind in {Kind.VARIABLE, Kind.NUMBER}
        if wrong:
            yield token, "1 / 2 is 0 on some engines", "xsd:decimal(…) / …"


def _order(text: _Text) -> Iterator[tuple[Token, str, str]]:
    last = list(text.words("ORDER"))
    top = [at for at in last if not any(o < at < c for o, c in text.closing.items())]
    named = {token.variable for at in top for token in text.tokens[at:]}
    for column in text.query.key:
        if column not in named:
            yield text.tokens[-1], f"the order is left open by “{column}”", "ORDER BY … the key"


def _parameters(text: _Text) -> Iterator[tuple[Token, str, str]]:
    start = next(text.words("SELECT"))
    for at, token in enumerate(text.tokens):
        before = text.before(at)
        place_for_variables = (
            before.word in {"AS", "VALUES", "BY"}
            or (before.text == "(" and text.before(at - 1).word == "BOUND")
            or (at > start and text.depth[at] == 0 and _in_select(text, at))
        )
        if slot(token.variable) and place_for_variables:
            yield token, f"“{token.text}” cannot be replaced here: only a variable may stand", ""


def _concat(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for at in text.words("GROUP_CONCAT"):
        words = [token.text.upper() for token in text.tokens[at + 1 : at + 4]]
        if words[1:2] != ["STR"] and words[1:] != ["DISTINCT", "STR"]:
            yield text.tokens[at], "some engines keep a language here", "GROUP_CONCAT(STR(…) …)"


def _labels(text: _Text) -> Iterator[tuple[Token, str, str]]:
    seen: set[str] = set()
    for at, token in enumerate(text.tokens):
        if text.before(at).text == "rdfs:label" and token.variable:
            if token.variable in seen:
                yield token, "a second label in one variable", "a variable for each language"
            seen.add(token.variable)


def _numbers(text: _Text) -> Iterator[tuple[Token, str, str]]:
    for at, token in enumerate(text.tokens):
        if (
            token.kind is Kind.NUMBER
            and text.depth[at] == 0
            and text.before(at).word not in {"LIMIT", "OFFSET"}
        ):
            yield token, "a number is not found if it is written otherwise", "FILTER (?n = 3)"


_RULES: Final[tuple[Rule, ...]] = (
    _only_known_words, _prefixes, _having, _exists, _or_exists, _optional, _division, _order,
    _parameters, _concat, _labels, _numbers,
)  # fmt: skip


def _computed(text: _Text, opening: int) -> bool:
    """Tell an expression in brackets from a group of a path, which has no variables."""
    return any(token.variable or token.kind is Kind.NUMBER for token in text.within(opening))


def _in_select(text: _Text, at: int) -> bool:
    """Tell whether a token stands among the columns of a SELECT."""
    for token in reversed(text.tokens[:at]):
        if token.text in {"{", "}"} or token.word == "WHERE":
            return False
        if token.word == "SELECT":
            return True
    return False
