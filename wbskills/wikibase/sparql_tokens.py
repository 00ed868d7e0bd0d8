"""SPARQL cut into tokens, so that a name is never found inside a text, an address or a comment.

The tokens are those of SPARQL 1.1 (https://www.w3.org/TR/sparql11-query/#grammar, section 19.8).
Joined again they give the text back to the last blank.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from wbskills.errors import QueryError

# The path of each prefix of properties, below the address of a Wikibase.
# https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format#Full_list_of_prefixes
PROPERTY_PATHS: Final = {
    "wdt": "prop/direct/",
    "wdtn": "prop/direct-normalized/",
    "p": "prop/",
    "ps": "prop/statement/",
    "psv": "prop/statement/value/",
    "psn": "prop/statement/value-normalized/",
    "pq": "prop/qualifier/",
    "pqv": "prop/qualifier/value/",
    "pqn": "prop/qualifier/value-normalized/",
    "pr": "prop/reference/",
    "prv": "prop/reference/value/",
    "prn": "prop/reference/value-normalized/",
    "wdno": "prop/novalue/",
}


class TokenKind(StrEnum):
    """What a token is."""

    SPACE = "space"
    COMMENT = "comment"
    IRI = "iri"
    TEXT = "text"
    TAG = "tag"  # a language tag, with its @
    BLANK = "blank"  # a blank node with a label
    NAME = "name"  # a prefixed name, or a prefix alone
    VARIABLE = "variable"
    NUMBER = "number"
    WORD = "word"  # a keyword or function
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query as it was written; `at` counts characters from the start."""

    kind: TokenKind
    text: str
    at: int = 0

    @property
    def word(self) -> str:
        """The keyword in capitals; empty if this is none."""
        return self.text.upper() if self.kind is TokenKind.WORD else ""

    def holds(self, keyword: str) -> bool:
        """Check whether a parser that needs no blank after keywords would find one in the token.

        Oxigraph's takes `SERVICEex:y` for SERVICE ex:y, and `SERVICESILENT` and `trueSERVICE`
        likewise.
        """
        if self.kind is TokenKind.NAME:
            return keyword in self.text.partition(":")[0].upper()
        return keyword in self.word

    @property
    def variable(self) -> str:
        """The variable's name, without its `?` or `$`; empty if this is none."""
        return self.text[1:] if self.kind is TokenKind.VARIABLE else ""

    @property
    def name(self) -> tuple[str, str]:
        """Prefix and local name, without escapes; both empty if this is no prefixed name."""
        if self.kind is not TokenKind.NAME:
            return "", ""
        prefix, _, local = self.text.partition(":")
        return prefix, re.sub(r"\\(.)", r"\1", local)


_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_FIRST = f"{_BASE}_0-9"
_VARIABLE = rf"[{_FIRST}][{_FIRST}\u00b7\u0300-\u036f\u203f\u2040]*"
_CHARS = rf"{_FIRST}\-\u00b7\u0300-\u036f\u203f\u2040"
# No longer: of a text such as “a.a.a.…” each letter may begin a prefix as long as the rest.
_PREFIX = rf"[{_BASE}](?:[{_CHARS}.]{{0,100}}[{_CHARS}])?"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_LOCAL = rf"(?:[{_FIRST}:]|{_ESCAPED})(?:(?:[{_CHARS}.:]|{_ESCAPED})*(?:[{_CHARS}:]|{_ESCAPED}))?"
_CHARACTER = r"\\[tbnrf\\\"']|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"

_TOKEN: Final = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in (
            (TokenKind.SPACE, r"[ \t\r\n]+"),
            (TokenKind.COMMENT, r"\#[^\r\n]*"),
            # Before the mark “<”, as the standard has it: the longest token wins.
            (TokenKind.IRI, r"<[^\x00-\x20<>\"{}|^`\\]*>"),
            (
                TokenKind.TEXT,
                (
                    rf'"""(?:"{{0,2}}(?:[^"\\]|{_CHARACTER}))*"""'
                    rf"|'''(?:'{{0,2}}(?:[^'\\]|{_CHARACTER}))*'''"
                    rf'|"(?:[^"\\\n\r]|{_CHARACTER})*"'
                    rf"|'(?:[^'\\\n\r]|{_CHARACTER})*'"
                ),
            ),
            (TokenKind.TAG, r"@[A-Za-z]+(?:-[A-Za-z0-9]+)*"),
            (TokenKind.BLANK, rf"_:[{_FIRST}](?:[{_CHARS}.]*[{_CHARS}])?"),
            (TokenKind.NAME, rf"(?:{_PREFIX})?:(?:{_LOCAL})?"),
            (TokenKind.VARIABLE, rf"[?$]{_VARIABLE}"),
            # The sign belongs to the number, in the standard too: “?a -1” is two tokens.
            (TokenKind.NUMBER, r"[+-]?(?:\d+\.\d*[eE][+-]?\d+|\.?\d+[eE][+-]?\d+|\d*\.\d+|\d+)"),
            (TokenKind.WORD, r"[A-Za-z_][A-Za-z0-9_]*"),
            (TokenKind.MARK, r"\^\^|&&|\|\||!=|<=|>=|[{}()\[\].,;*/|^!?+=<>\-]"),
        )
    )
)


# Parsers and engines call themselves for what stands inside or after something else, and run out
# of stack: Oxigraph at 560 open brackets or 2,400 patterns in a row, with the usual 8 MB.
MOST_OPEN: Final = 100  # brackets at once
MOST_STEPS: Final = 1_000  # patterns and operators that make what is evaluated one step deeper
_OPENING: Final = frozenset("{([")
_CLOSING: Final = frozenset("})]")
_OPERATORS: Final = frozenset({"||", "&&", "!", "+", "-", "*", "/", "|", "^", "<"})
_PATTERNS: Final = ("OPTIONAL", "MINUS", "UNION", "BIND", "FILTER", "LATERAL", "EXISTS", "AS")


def tokenize(text: str) -> list[Token]:
    """Cut a query into tokens; their texts joined are the query again.

    >>> [token.text for token in tokenize('?a = "?b" # ?c') if token.kind is TokenKind.VARIABLE]
    ['?a']

    Raises `QueryError` with line and column at what is no token, and where the query is nested
    too deeply for any program that would parse it.
    """
    found = cut(text)
    _refuse_deep(text, found)
    return found


def cut(text: str) -> list[Token]:
    """Cut a query into tokens, however deeply it is nested: one that was written by a program."""
    found = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            line, column = place(text, at)
            raise QueryError(
                f"line {line}, column {column}: “{text[at : at + 20]}” is not SPARQL",
                hint="a quotation mark or “>” that closes what is open",
            )
        found.append(Token(TokenKind(str(match.lastgroup)), match.group(), at))
        at = match.end()
    return found


def _refuse_deep(text: str, tokens: Iterable[Token]) -> None:
    open_ = steps = 0
    for token in tokens:
        if token.kind is TokenKind.MARK:
            open_ = max(0, open_ + (token.text in _OPENING) - (token.text in _CLOSING))
            steps += token.text in _OPERATORS
        elif token.kind is TokenKind.WORD:  # or its end: parsers take “trueAS” for two words
            steps += token.word.endswith(_PATTERNS)
        elif token.kind is TokenKind.NUMBER:  # “1+1” is a sum of 1 and +1
            steps += token.text.startswith(("+", "-"))
        if open_ > MOST_OPEN or steps > MOST_STEPS:
            line, column = place(text, token.at)
            what = f"{MOST_OPEN} open brackets" if open_ > MOST_OPEN else f"{MOST_STEPS:,} steps"
            raise QueryError(
                f"line {line}, column {column}: a query with more than {what} is not run",
                hint="VALUES for a long list, or several queries",
            )


def place(text: str, at: int) -> tuple[int, int]:
    """Return the line and column of a position, both counted from 1.

    >>> place("a\\nbc", 3)
    (2, 2)
    """
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def meaningful(tokens: Iterable[Token]) -> Iterator[Token]:
    """Leave out blanks and comments."""
    return (token for token in tokens if token.kind not in {TokenKind.SPACE, TokenKind.COMMENT})


_BRACKETS: Final = {"{": "}", "(": ")", "[": "]"}


class TokenTree:
    """The tokens of a query without blanks and comments, and which bracket closes which.

    `closing` maps the position of each opening bracket to that of the bracket that closes it;
    one that nothing closes is left out. `depths` counts the brackets that are open before each
    token. `prefixes` are those given and those that the query declares.
    Raises `QueryError` as `tokenize` does.
    """

    def __init__(self, text: str, prefixes: Mapping[str, str] = MappingProxyType({})) -> None:
        self.text = text
        self.tokens: list[Token] = list(meaningful(tokenize(text)))
        self.closing: dict[int, int] = {}
        self.depths: list[int] = []
        self.prefixes = {**prefixes, **self._declared()}
        opened: list[int] = []
        for at, token in enumerate(self.tokens):
            self.depths.append(len(opened))
            if token.kind is not TokenKind.MARK:
                continue
            if token.text in _BRACKETS:
                opened.append(at)
            elif token.text in _BRACKETS.values() and opened:
                opening = opened.pop()
                if _BRACKETS[self.tokens[opening].text] == token.text:
                    self.closing[opening] = at

    def _declared(self) -> dict[str, str]:
        return {
            name.name[0]: iri.text[1:-1]
            for word, name, iri in zip(self.tokens, self.tokens[1:], self.tokens[2:], strict=False)
            if word.word == "PREFIX" and name.kind is TokenKind.NAME and iri.kind is TokenKind.IRI
        }

    def iri(self, at: int) -> str:
        """Return the IRI that a token stands for; empty if it is not one."""
        token = self.tokens[at]
        if token.kind is TokenKind.IRI:
            return token.text[1:-1]
        prefix, local = token.name
        base = self.prefixes.get(prefix)
        return "" if token.kind is not TokenKind.NAME or base is None else base + local

    def variables(self, start: int, end: int) -> Iterator[str]:
        """Iterate over the variables between two positions, as often as they occur."""
        return (token.variable for token in self.tokens[start:end] if token.variable)

    def body(self) -> int:
        """Return the position of the first token after the PREFIX and BASE declarations."""
        at = 0
        while at < len(self.tokens) and self.tokens[at].word in {"PREFIX", "BASE"}:
            at += 3 if self.tokens[at].word == "PREFIX" else 2
        return at

    def outermost(self, *words: str) -> int | None:
        """Return the position of the last of some keywords outside all brackets, if any."""
        found = [
            at
            for at, token in enumerate(self.tokens)
            if self.depths[at] == 0 and token.word in words
        ]
        return found[-1] if found else None
