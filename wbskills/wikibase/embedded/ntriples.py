"""Terms of N-Triples: IRIs and literals, escaped so that a line is legal whatever is in them.

The rules are those of https://www.w3.org/TR/n-triples/ and, for what an IRI and a language tag
may hold, of RFC 3987 and BCP 47. Control characters are escaped although some need not be: a
term never holds anything that somebody might take for the end of a line.
"""

import re
from typing import Final

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

_ESCAPED = re.compile('[\x00-\x1f"\\\\\x7f-\x9f\u2028\u2029\ud800-\udfff]')
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}

# RFC 3987 would allow U+2028 and U+2029 too, which some take for the end of a line.
_UCS = "\u00a0-\u2027\u202a-\ud7ff\uf900-\ufdcf\ufdf0-\uffef" + "".join(
    f"{chr((plane << 16) + (0x1000 if plane == 14 else 0))}-{chr((plane << 16) + 0xFFFD)}"
    for plane in range(1, 15)
)
_PLAIN = rf"A-Za-z0-9\-._~!$&'()*+,;={_UCS}"
_PERCENT = "%[0-9A-Fa-f]{2}"
_IRI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*:"
    rf"(?://(?:(?:[{_PLAIN}:]|{_PERCENT})*@)?(?:[{_PLAIN}]|{_PERCENT})*(?::[0-9]*)?(?=[/?#]|\Z)"
    rf"|(?!//))"
    rf"(?:[{_PLAIN}:@/]|{_PERCENT})*"
    rf"(?:\?(?:[{_PLAIN}:@/?]|{_PERCENT})*)?"
    rf"(?:\#(?:[{_PLAIN}:@/?]|{_PERCENT})*)?"
)
_NOT_IN_IRI = re.compile(rf"[^{_PLAIN}:@/?#%]|%(?![0-9A-Fa-f]{{2}})")

_TAG = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})"  # language
    r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"  # script, region
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"  # variants
    r"(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)


def literal(text: str) -> str:
    r"""Write a plain text.

    >>> print(literal('say "so"'))
    "say \"so\""
    """
    return f'"{_escaped(text)}"'


def tagged(text: str, language: str) -> str:
    """Write a text in a language; without the language where its code is no tag of BCP 47."""
    tag = f"@{language}" if _TAG.fullmatch(language) else ""
    return f'"{_escaped(text)}"{tag}'


def typed(text: str, datatype: str) -> str:
    """Write a text as a value of the datatype with this IRI; the text is kept as it is."""
    return f'"{_escaped(text)}"^^<{datatype}>'


def find_iri(text: str) -> str | None:
    """Write an absolute IRI; what it must not hold is %-escaped. None if the text is no IRI.

    >>> find_iri("http://example.org/a b")
    '<http://example.org/a%20b>'
    """
    if _IRI.fullmatch(text):
        return f"<{text}>"
    address, mark, fragment = _mended(text).partition("#")
    escaped = _NOT_IN_IRI.sub(_percent, f"{address}{mark}{fragment.replace('#', '%23')}")
    return f"<{escaped}>" if _IRI.fullmatch(escaped) else None


def resource(text: str) -> str:
    """Write an IRI, or a plain text where it is none, so that what somebody wrote is not lost.

    >>> resource("example.org")
    '"example.org"'
    """
    return find_iri(text) or literal(text)


def _escaped(text: str) -> str:
    if _ESCAPED.search(text) is None:
        return text
    return _ESCAPED.sub(_escape, _mended(text))


def _escape(found: re.Match[str]) -> str:
    sign = found.group()
    return _SHORT.get(sign) or f"\\u{ord(sign):04X}"


def _mended(text: str) -> str:
    """Join surrogates that make a pair; put a replacement character where one is alone."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found.group().encode())
