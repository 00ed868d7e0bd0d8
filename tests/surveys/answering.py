"""Answering the open questions of a draft, as a person would who knows the survey."""

import re
from collections.abc import Mapping

_PERHAPS = re.compile(r'= "\?"  # perhaps ([^,;\n]+)')
_LINES: Mapping[str, str] = {
    r'^label = { en = "\?" }': 'label = { en = "The wave" }',
    r'^date = "\?"': "date = 2026-03-04",
    r'^start = "\?"': "start = 2026-03-01",
    r'^end = "\?"': "end = 2026-03-31",
    r'^license = "\?"': 'license = "https://example.org/license"',
    r'^prefix = "\?"': 'prefix = "survey-2026-"',
}


def answered(draft: str, consent: str = "consent_named") -> str:
    """Accept what a draft says an answer may be, and know the rest.

    Every answer to a question of consent gives `consent`; what has no nearest answer is ignored.
    """
    text = _PERHAPS.sub(_accepted, draft)
    for pattern, line in _LINES.items():
        text = re.sub(pattern, line, text, flags=re.MULTILINE)
    before, section, after = text.partition("[consent.answers]")
    consents, blank, rest = after.partition("\n\n")
    consents = consents.replace('"?"', f'"{consent}"')
    # What is left are columns and choices without a skill.
    return "".join([before, section, consents, blank, rest]).replace('= "?"', '= ""')


def _accepted(found: re.Match[str]) -> str:
    value = found[1].strip()
    is_day = re.fullmatch(r"\d{4}-\d\d-\d\d", value)
    return f"= {value}  #" if is_day else f'= "{value}"  #'
