"""Reading what a mapping says about its waves: all of it becomes public items as it stands."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from wbskills.domain import Wave
from wbskills.errors import Fault, InvalidValue
from wbskills.names import KEY
from wbskills.surveys.files.cell_text import key
from wbskills.surveys.mapping.toml_reader import Table
from wbskills.wikibase.model.values import check_text

LONGEST_LABEL: Final = 250
LONGEST_ADDRESS: Final = 500
MOST_INVITED: Final = 10_000_000_000


def read_waves(top: Table) -> Iterator[Wave]:
    """Read the waves of a mapping, noting what is missing."""
    table = top.table("waves")
    if table is None or not table.members:
        top.fault("there is no wave", "[waves.sample_2026] with label, start, end")
        return
    for name in table.members:
        member = table.table(name)
        if member is not None:
            yield _wave(name, member)


def faults_of(waves: Sequence[Wave]) -> Iterator[Fault]:
    """List what no item of a wave can hold, and waves that would be one item."""
    for wave in waves:
        place = f"waves.{wave.key}"
        yield from _labels(wave, place)
        for name, address in (
            ("url", wave.url),
            ("consent_text_url", wave.consent_text_url),
            ("license", wave.license),
        ):
            if address and not is_address(address):
                yield Fault(
                    what="this is no address of a page",
                    hint=f'{name} = "https://example.org/survey"',
                    column=f"{place}.{name}",
                )
        if wave.invited is not None and not 0 <= wave.invited <= MOST_INVITED:
            yield Fault(
                what=f"{wave.invited} people cannot have been invited",
                hint="invited = 120; or leaving it out",
                column=f"{place}.invited",
            )
    yield from _namesakes(waves)


def is_address(text: str) -> bool:
    """Tell whether a text is the address of a page that can safely be a link.

    >>> is_address("https://example.org/s?id=1"), is_address("javascript:alert(1)")
    (True, False)
    """
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    unsafe = any(sign.isspace() or not sign.isprintable() or sign in '<>"{}|\\^`' for sign in text)
    known = parts.scheme in ("http", "https") and bool(host) and not unsafe
    return known and not parts.username and len(text) <= LONGEST_ADDRESS


def _wave(name: str, table: Table) -> Wave:
    if not KEY.fullmatch(name):
        table.fault("this is not a key", "small Latin letters, digits and “_”")
    labels = table.pairs("label")
    if "en" not in labels:
        table.fault("there is no label in English", 'label = { en = "…" }', "label")
    start, end = table.day("start"), table.day("end")
    if start is None or end is None:
        table.fault("a wave needs its first and last day", "start = 2026-03-01")
    elif start > end:
        table.fault(f"the wave ends ({end}) before it starts ({start})", "the two changed")
    wave = Wave(
        key=name,
        labels=labels,
        start=start or date.min,
        end=end or date.max,
        url=table.text("url"),
        consent_text_url=table.text("consent_text_url"),
        license=table.text("license"),
        invited=table.number("invited"),
    )
    table.finish()
    return wave


def _labels(wave: Wave, place: str) -> Iterable[Fault]:
    for language, label in wave.labels.items():
        try:
            # A label of signs that nobody sees is empty, too.
            check_text(label if key(label) else "", longest=LONGEST_LABEL, what="this label")
        except InvalidValue as error:
            yield Fault(
                what=error.what,
                hint=error.hint or f'{language} = "Ambassadors, spring 2026"',
                column=f"{place}.label.{language}",
            )


def _namesakes(waves: Sequence[Wave]) -> Iterable[Fault]:
    seen: dict[tuple[str, str], str] = {}
    for wave in waves:
        for language, label in wave.labels.items():
            other = seen.setdefault((language, key(label)), wave.key)
            if other != wave.key and key(label):
                yield Fault(
                    what=f"this is the label of the wave “{other}”, too",
                    hint="a label that says which of the two it is, such as its year",
                    column=f"waves.{wave.key}.label.{language}",
                )
