"""LimeSurvey: headings as codes, as full texts, or as both.

The export dialogue offers “question code” (`SK[lua]`, or `SK_lua` for the expression manager),
“full question text” (`How well …? [Lua]`) and “code and text” (`SK[lua]. How well …? [Lua]`);
R makes `SK.lua.` of the first, and the separator between code and text can be chosen
(`SK[lua]._.How well …?`). The two scales of a dual scale are `SK[lua][1]` and `SK[lua][2]`, or
`SK_lua_0` and `SK_lua_1`. All of them are read as the same code, so that one mapping fits all
settings of the export.

“Convert spaces in question text to underscores” and “Text abbreviated” change texts, never codes.
"""

import re
from collections.abc import Sequence
from typing import Final

from wbskills.surveys.files import personal_data
from wbskills.surveys.files.cell_text import clean, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.tools.tool import SurveyTool, Top, is_index, split_row

# Codes of LimeSurvey's own columns, and their full texts in English, German, French, Spanish and
# Arabic.
_OWN: Final = {
    Role.RESPONSE_ID: ("id", "response id", "antwort id", "id de la réponse", "id de respuesta",
        "رقم الاستجابة",
    ),
    Role.SUBMITTED: (
        "submitdate", "date submitted", "datum abgeschickt", "date de soumission",
        "fecha de envío", "سلم بتاريخ",
    ),
    Role.LAST_PAGE: ("lastpage", "last page", "letzte seite", "dernière page", "última página",
        "الصفحة الاخيرة",
    ),
    Role.LANGUAGE: (
        "startlanguage", "start language", "start-sprache", "langue de départ", "lenguaje inicial",
        "ابدأ اللغة",
    ),
    Role.SEED: ("seed", "zufallsstartwert", "tête de série", "semilla", "بذرة"),
    Role.STARTED: (
        "startdate", "date started", "datum gestartet", "date de lancement", "fecha de inicio",
        "تاريخ البدء",
    ),
    Role.CHANGED: (
        "datestamp", "date last action", "datum letzte aktivität", "date de la dernière action",
        "fecha de la última acción", "تاريخ آخر عمل",
    ),
    Role.TOKEN: ("token", "access code", "zugangscode", "code d'accès", "contraseña"),
    Role.TIMING: ("interviewtime", "total time", "gesamtzeit", "temps total", "tiempo total"),
}  # fmt: skip
_KNOWN: Final = {word: role for role, words in _OWN.items() for word in words}
_TYPICAL: Final = frozenset({Role.LAST_PAGE, Role.LANGUAGE, Role.SEED, Role.CHANGED})

_CODE = r"[A-Za-z][A-Za-z0-9]*"
_PARTS = r"(?:\[[^\[\]]*\])*"
_CODE_AND_TEXT = re.compile(
    rf"({_CODE})({_PARTS}|_[A-Za-z0-9_]+)(?:\._\.\s*|\.\s+)(.*)", re.DOTALL
)
_BRACKETS = re.compile(rf"({_CODE})((?:\[[^\[\]]*\])+)")
_FROM_R = re.compile(rf"({_CODE})\.([A-Za-z0-9_]+)\.(?:\.?([0-9])\.)?")
_UNDERSCORE = re.compile(rf"({_CODE})_([A-Za-z0-9_]+)")
_SCALE = re.compile(r"(.+)_([01])")
_TIMING = re.compile(r"(groupTime|\w*Time)\d*|(Group|Question) time: .*")
_ATTRIBUTE = re.compile(r"attribute_\d+")
_OPEN_ROWS = re.compile(r"other|.*comment")


class LimeSurvey(SurveyTool):
    """The files of LimeSurvey, also after pandas or R has read and written them."""

    name = "limesurvey"

    def recognise(self, top: Top) -> str:
        """Look for LimeSurvey's own columns, else for headings in its format."""
        headings = _spaced([clean(heading) for heading in top[0]])
        passed = ", passed through pandas or R" if is_index(0, headings[0]) else ""
        codes = [key(_parts(heading)[0] or heading) for heading in headings]
        own = [code for code in codes if code in _KNOWN]
        if len(own) >= 3 and any(_KNOWN[code] in _TYPICAL for code in own):
            return f"LimeSurvey{passed}: it has the columns {', '.join(own[:4])}"
        texts = [heading for heading in headings if heading]
        both = [heading for heading in texts if _CODE_AND_TEXT.fullmatch(heading)]
        if len(both) > 0.6 * len(texts) and any(_parts(heading)[1] for heading in both):
            return (
                f"LimeSurvey{passed}: {len(both)} of {len(texts)} headings read"
                " “code. question” or “code[row]. question [row]”"
            )
        return ""

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return a column for each heading, with its code, question and row."""
        headings = list(map(clean, top[0]))
        spaced = _spaced(headings)
        dual = _dual_scales(spaced)
        return tuple(
            _column(index, heading, dual.get(meant, meant))
            for index, (heading, meant) in enumerate(zip(headings, spaced, strict=True))
        )


def _spaced(headings: Sequence[str]) -> list[str]:
    """Restore the spaces of texts, if LimeSurvey has converted them to underscores.

    Its own columns show it: none of their codes has an underscore, most of their names a space.

    >>> _spaced(["Response_ID", "Last_page", "Which_one?_[Lua_modules]"])
    ['Response ID', 'Last page', 'Which one? [Lua modules]']
    >>> _spaced(["id. Response_ID", "lastpage. Last_page", "SK_lua. Which_one?"])
    ['id. Response ID', 'lastpage. Last page', 'SK_lua. Which one?']
    >>> _spaced(["id", "lastpage", "SK_lua"])
    ['id', 'lastpage', 'SK_lua']
    """
    split = [_CODE_AND_TEXT.fullmatch(heading) for heading in headings]
    texts = [found[3] if found else text for found, text in zip(split, headings, strict=True)]
    own = [text for text in texts if "_" in text and key(text.replace("_", " ")) in _KNOWN]
    if len(own) < 2:
        return list(headings)
    return [
        heading.removesuffix(text) + text.replace("_", " ")
        for heading, text in zip(headings, texts, strict=True)
    ]


def _dual_scales(headings: Sequence[str]) -> dict[str, str]:
    """Map the headings of dual scales to headings with the scale in brackets.

    Both scales must exist.

    >>> _dual_scales(["SK_lua_0", "SK_lua_1", "SK_phase_1"])
    {'SK_lua_0': 'SK[lua][1]', 'SK_lua_1': 'SK[lua][2]'}
    """
    there = {_code_and_text(heading)[0] for heading in headings}
    found = {}
    for heading in headings:
        code, dot, text = _code_and_text(heading)
        scale = _SCALE.fullmatch(code)
        if scale and {f"{scale[1]}_0", f"{scale[1]}_1"} <= there:
            question, brackets, _ = _parts(scale[1])
            if brackets:
                found[heading] = f"{question}{brackets}[{int(scale[2]) + 1}]{dot}{text}"
    return found


def _code_and_text(heading: str) -> tuple[str, str, str]:
    """Split a heading into its code, the separator, and its text."""
    found = _CODE_AND_TEXT.fullmatch(heading)
    if found is None:
        return heading, "", ""
    return found[1] + found[2], ". ", found[3]


def _column(index: int, heading: str, meant: str) -> SurveyColumn:
    """Return the column of a heading; `meant` is it with spaces, and scales in brackets."""
    question, brackets, text = _parts(meant)
    row_code = brackets[1:].partition("]")[0]
    text, row_text = split_row(text) if row_code or not question else (text, "")
    scale = brackets[1:].partition("][")[2].rstrip("]")
    if scale:
        # Each of the two scales is a question of its own, with a heading after that of the row.
        row_text, _, about = row_text.partition(" / ")
        text = f"{text} {about}".strip()
    role = _role(index, meant, question, row_code)
    # A code of one word (“mobile”) may mean anything; only its text makes it certain.
    guessed = (
        role
        or personal_data.known_role([text, row_text, question])
        or personal_data.guess_role(text)
    )
    return SurveyColumn(
        index=index,
        heading=heading,
        code=_OWN[role][0] if role in _OWN else question + brackets,
        question=f"{question} [{scale}]" if scale else question,
        row_code=row_code,
        text=text,
        row_text=row_text,
        role=guessed or Role.QUESTION,
        sure=role is not None,
    )


def _parts(heading: str) -> tuple[str, str, str]:
    """Split a heading into the code of the question, its rows in brackets, and the text."""
    if found := _CODE_AND_TEXT.fullmatch(heading):
        row = found[2]
        return found[1], f"[{row[1:]}]" if row.startswith("_") else row, found[3]
    if found := _BRACKETS.fullmatch(heading):
        return found[1], found[2], ""
    if found := _FROM_R.fullmatch(heading):
        scale = f"[{found[3]}]" if found[3] else ""
        return found[1], f"[{found[2]}]{scale}", ""
    if found := _UNDERSCORE.fullmatch(heading):
        return found[1], f"[{found[2]}]", ""
    if re.fullmatch(_CODE, heading):
        return heading, "", ""
    return "", "", heading


def _role(index: int, heading: str, question: str, row_code: str) -> Role | None:
    if is_index(index, heading):
        return Role.INDEX
    if _ATTRIBUTE.fullmatch(_code_and_text(heading)[0]):
        return Role.ATTRIBUTE
    if _TIMING.fullmatch(heading) or _TIMING.fullmatch(question):
        return Role.TIMING
    if row_code and _OPEN_ROWS.fullmatch(row_code):
        return Role.FREE_TEXT
    own = None if row_code else _KNOWN.get(key(question))
    text = _parts(heading)[2]
    return own or _KNOWN.get(key(heading)) or personal_data.known_role([heading, text])
