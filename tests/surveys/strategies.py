"""Random people and answers, for property-based tests."""

from datetime import datetime

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.surveys.exports.tools import LEVELS, OUTSIDE, SKILLS, Person

# Letters that windows-1252 has where UTF-8 has the second byte of a letter: behind “Ã” or “Â”,
# they are what a wrong encoding makes of another letter, and are refused as that.
SECOND_BYTES = "ŒŠŽŸªº"
NAMES = st.text(
    st.characters(categories=["Lu", "Lo"], max_codepoint=0x6FF, exclude_characters=SECOND_BYTES),
    min_size=1,
    max_size=8,
).map(lambda text: text.upper())
PEOPLE = st.lists(
    st.builds(
        Person,
        name=NAMES,
        when=st.datetimes(datetime(2026, 3, 1), datetime(2026, 3, 31)),  # noqa: DTZ001  # as tools do
        levels=st.dictionaries(st.sampled_from([*SKILLS]), st.sampled_from([*LEVELS, *OUTSIDE])),
        learns=st.frozensets(st.sampled_from([*SKILLS])),
        agrees=st.booleans(),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda person: person.name,
)
FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
