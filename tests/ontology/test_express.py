"""Responses as statements, and the hashes by which a repeated import knows them."""

from dataclasses import fields, replace
from datetime import date
from typing import Final

import pytest

from wbskills.data import ontology_folder
from wbskills.domain import Assessment, Consent, Identity, Response, Speaks
from wbskills.ontology.binding import Binding
from wbskills.ontology.express import Expression
from wbskills.ontology.load import load

RESPONSE: Final = Response(
    identity=Identity("wikimedia_username", "Ada"),
    consent=Consent("consent_named", date(2026, 3, 1)),
    wave="spring",
    on=date(2026, 3, 2),
    id="7",
    row=2,
)
OTHERWISE: Final[dict[str, object]] = {
    "identity": Identity("wikimedia_username", "Grace"),
    "consent": Consent("consent_named", date(2026, 3, 2)),
    "wave": "autumn",
    "on": date(2026, 3, 3),
    "id": "8",
    "assessments": (Assessment("lua_modules", "alone"),),
    "home_community": "frwiki",
    "affiliation": "wmde",
    "speaks": (Speaks(language="lang_fr"),),
    "time_zone": "Europe/Paris",
    "availability": "away",
    "role": "technical_ambassador",
    "identified_by": "invitation link",
}
NOT_WRITTEN: Final = {"row", "named", "decided", "account"}


def test_a_consent_to_another_text_has_another_hash() -> None:
    """And one without a version the same as before there were versions."""
    expression = Expression(load(ontology_folder()), Binding(), salt=b"salt")
    first = Consent("consent_named", date(2026, 3, 1), text_version="ambassadors 1")
    second = replace(first, text_version="ambassadors 2")

    hashes = {
        expression.digest(replace(RESPONSE, consent=each))
        for each in (RESPONSE.consent, first, second)
    }

    assert len(hashes) == 3
    assert expression.digest(RESPONSE).hex() == "f094c88632455b168417f450c83c23f6"


@pytest.mark.parametrize("name", [each.name for each in fields(Response)])
def test_a_response_that_says_anything_else_has_another_hash(name: str) -> None:
    """A repeated import skips what it knows by its hash; what is never written is not in it."""
    expression = Expression(load(ontology_folder()), Binding(), salt=b"salt")
    if name in NOT_WRITTEN:
        assert name not in OTHERWISE
        return

    changed = replace(RESPONSE, **{name: OTHERWISE[name]})  # type: ignore[arg-type] # by name

    assert expression.digest(changed) != expression.digest(RESPONSE)
