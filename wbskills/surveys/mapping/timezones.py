"""Time zones, as people write them."""

import re
from collections.abc import Iterable

from wbskills.surveys.files.cell_text import clean, quoted
from wbskills.surveys.mapping.answers import Kind, Meaning
from wbskills.surveys.mapping.schema import PersonField

_TIME_ZONE = re.compile(r"[A-Z][A-Za-z_]+(/[A-Z][\w+-]+){1,2}|UTC([+-]\d{1,2}(:\d\d)?)?")


class TimeZones:
    """Reads time zones: names such as Europe/Berlin, or UTC+5:30."""

    def __init__(self, told: PersonField, empty: Iterable[str]) -> None:
        self.place = told.place
        self.table = {clean(text): value for text, value in told.answers.table.items()}
        self.skipped = {*map(clean, told.answers.skipped), *map(clean, empty)}

    def __call__(self, cell: str) -> Meaning:
        """Tell what a cell means."""
        text = self.table.get(clean(cell), clean(cell))
        if text in self.skipped:
            return Meaning(Kind.SKIPPED)
        if _TIME_ZONE.fullmatch(text):
            return Meaning(Kind.GIVEN, text)
        return Meaning(
            Kind.FAULT,
            what=f"{quoted(cell)} is not a time zone",
            hint=f"Europe/Berlin or UTC+5:30; else say what it means under {self.place}.answers",
        )
