"""People without a name in the file: a pseudonym is made with the secret of the Wikibase."""

from datetime import date
from pathlib import Path

import pytest

import wbskills
from tests.surveys.samples import COLUMNS, HEAD, MAPPING, QUESTIONS, ada, survey, table
from wbskills.domain import Response
from wbskills.errors import MappingError
from wbskills.ontology.entries import Ontology
from wbskills.stores import open_folder
from wbskills.tasks.ontologies import bound
from wbskills.tasks.surveys import import_survey, open_survey

MIXED = HEAD + """
[identity]
column = "USER"
property = "wikimedia_username"
pseudonym_prefix = "x-"
generated = true
[response]
id = "ID"
[date]
column = "WHEN"
[consent]
column = "CONSENT"
answers = { "Yes" = "consent_named", "Hidden" = "consent_pseudonym", "No" = "withheld" }
""" + QUESTIONS  # fmt: skip
NAMELESS = MIXED.replace('column = "USER"\n', "").replace(
    'property = "wikimedia_username"\npseudonym_prefix', 'property = "pseudonym"\nprefix'
)
WITH_ID = [*COLUMNS, "ID"]
SALT = b"secret of a Wikibase"


def row(name: str, consent: str, response: str, *answers: str) -> list[str]:
    """Make the row of a response with an id."""
    made = ada(*answers, name=name)
    return [*made[:2], consent, *made[3:], response]


def responses(
    folder: Path,
    ontology: Ontology,
    *rows: list[str],
    mapping: str = MIXED,
    salt: bytes = SALT,
    columns: list[str] = WITH_ID,
) -> list[Response]:
    """Read the responses of rows."""
    opened = survey(folder, ontology, table(*rows, columns=columns), mapping).salted(salt)
    assert opened.check().faults == ()
    return list(opened.responses())


def names(found: list[Response]) -> list[str]:
    """List the names under which responses are stored."""
    return [one.identity.name for one in found]


def test_who_agreed_only_to_a_pseudonym_gets_one(tmp_path: Path, ontology: Ontology) -> None:
    """Whether they gave their username or not."""
    found = responses(
        tmp_path, ontology, row("Ada", "Yes", "1"), row("Bea", "Hidden", "2"),
        row("", "Hidden", "3"), row("", "No", "4"),
    )  # fmt: skip

    ada_, bea, nobody = found
    assert ada_.identity.name == "Ada"
    assert {one.identity.property for one in (bea, nobody)} == {"pseudonym"}
    assert all(len(name) == 18 and name.startswith("x-") for name in names([bea, nobody]))
    assert bea.account is not None
    assert bea.account.name == "Bea"
    assert nobody.account is None


def test_to_be_named_needs_a_name(tmp_path: Path, ontology: Ontology) -> None:
    """No pseudonym replaces it."""
    opened = survey(tmp_path, ontology, table(row("", "Yes", "1"), columns=WITH_ID), MIXED)

    assert "does not say who answered" in opened.check().faults[0].what


def test_a_response_keeps_its_pseudonym(tmp_path: Path, ontology: Ontology) -> None:
    """In a corrected file in another order; other prefixes and Wikibases have other ones."""
    rows = [row("Bea", "Hidden", "2"), row("", "Hidden", "3")]
    corrected = [row("", "Hidden", "3.0", "none"), row("", "Hidden", "9"), rows[0]]
    first = names(responses(tmp_path, ontology, *rows))

    again = names(responses(tmp_path, ontology, *corrected))
    assert again[0] == first[1]
    assert again[2] == first[0]
    assert again[1] not in first
    other = names(responses(tmp_path, ontology, *rows, salt=b"another"))
    other += names(responses(tmp_path, ontology, *rows, mapping=MIXED.replace('"x-"', '"y-"')))
    assert not {name[2:] for name in other} & {name[2:] for name in first}
    assert len({name[2:] for name in other}) == 4


def test_the_file_alone_does_not_tell_the_pseudonym(tmp_path: Path, ontology: Ontology) -> None:
    """Without the secret of a Wikibase, each reading of the file has others."""
    text = table(row("", "Hidden", "3"), columns=WITH_ID)
    found = [names(list(survey(tmp_path, ontology, text, MIXED).responses())) for _ in range(2)]

    assert found[0] != found[1]


def test_without_ids_the_row_and_the_file_tell_people_apart(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Any other file has other people."""
    mapping = NAMELESS.replace('[response]\nid = "ID"\n', "")
    rows = [row("", "Yes", "1"), row("", "Yes", "1"), row("", "No", "1")]

    def found(*these: list[str]) -> list[str]:
        columns = [*COLUMNS, "Colour"]
        return names(responses(tmp_path, ontology, *these, mapping=mapping, columns=columns))

    first = found(*rows)
    assert len(set(first)) == 2
    assert found(*rows) == first
    assert not set(found(*rows[:2])) & set(first)


def test_a_column_of_ids_that_is_not_used_is_a_fault(tmp_path: Path, ontology: Ontology) -> None:
    """The order of rows would make other people of everybody."""
    mapping = NAMELESS.replace('[response]\nid = "ID"\n', "")

    with pytest.raises(MappingError, match='add id = "ID" to \\[response\\]'):
        responses(tmp_path, ontology, row("", "Yes", "1"), mapping=mapping)


def test_a_missing_id_is_a_fault(tmp_path: Path, ontology: Ontology) -> None:
    """Nothing else tells who that is."""
    text = table(row("", "Hidden", ""), row("Bea", "Hidden", ""), columns=WITH_ID)
    (fault,) = survey(tmp_path, ontology, text, MIXED).check().faults

    assert (fault.row, "has no response id" in fault.what) == (2, True)


def test_a_chosen_pseudonym_is_used_where_there_is_one(tmp_path: Path, ontology: Ontology) -> None:
    """Many forms have “pick a nickname (optional)”."""
    mapping = NAMELESS.replace('property = "p', 'column = "USER"\nproperty = "p')
    found = responses(tmp_path, ontology, row("Nick", "Yes", "1"), row("", "Yes", "2"),
                      mapping=mapping)  # fmt: skip

    assert found[0].identity.name == "x-Nick"
    assert len(found[1].identity.name) == 18


def test_a_corrected_file_changes_the_same_people_and_a_refusal_finds_them(
    tmp_path: Path, ontology: Ontology
) -> None:
    """The response keeps its item, and a consent that is withdrawn is known to be theirs."""
    (tmp_path / "m.toml").write_text(MIXED)
    versions = [
        [row("", "Hidden", "3"), row("Bea", "Hidden", "4")],
        [row("", "Hidden", "3", "leads"), row("Bea", "No", "4")],
        [row("", "No", "3"), row("Bea", "No", "4")],
    ]
    withdrawn = []
    with open_folder(":memory:") as store:
        for rows in versions:
            (tmp_path / "s.csv").write_text(table(*rows, columns=WITH_ID))
            mapped = open_survey(tmp_path / "s.csv", tmp_path / "m.toml")
            receipt = import_survey(store, mapped, batch="b", today=date(2026, 5, 1))
            withdrawn.append(len(receipt.withdrawn.first))
            known = bound(store, ontology).property("pseudonym")
            assert len(list(store.find_by_identifier(known))) == 2

    assert withdrawn == [0, 1, 2]


def test_who_wants_a_pseudonym_later_is_not_named_for_earlier_answers(
    tmp_path: Path, ontology: Ontology
) -> None:
    """The latest consent decides, also if nobody chose the pseudonym."""
    wave = HEAD.partition("\n[waves")[2].replace("w1", "w2").replace("2026-03", "2026-04")
    wave = wave.replace("First", "Second")
    (tmp_path / "m.toml").write_text(MIXED + "[waves" + wave.replace("04-31", "04-30"))
    later = row("Ada", "Hidden", "2")
    later[1] = "2026-04-04"
    (tmp_path / "s.csv").write_text(table(row("Ada", "Yes", "1"), later, columns=WITH_ID))
    with open_folder(":memory:") as store:
        mapped = open_survey(tmp_path / "s.csv", tmp_path / "m.toml")
        import_survey(store, mapped, batch="b", today=date(2026, 5, 1))
        binding = bound(store, ontology)
        named = store.find_by_identifier(binding.property("wikimedia_username"))
        hidden = store.find_by_identifier(binding.property("pseudonym"))

    assert (list(named), len(list(hidden))) == ([], 1)


def test_a_person_is_removed_by_the_username_behind_a_generated_pseudonym(
    tmp_path: Path,
) -> None:
    """And stays away; a person without a username is removed by the pseudonym."""
    mapping, file = tmp_path / "m.toml", tmp_path / "s.csv"
    mapping.write_text(MIXED)
    file.write_text(table(row("Ada", "Hidden", "1"), row("", "Hidden", "2"), columns=WITH_ID))
    with wbskills.open(tmp_path / "store") as capacity:
        first = capacity.import_survey(file, mapping=mapping)
        capacity.forget("Ada")
        (left,) = capacity.ask("people")
        again = capacity.import_survey(file, mapping=mapping)
        capacity.forget(str(left["personLabel"]), pseudonym=True)
        last = capacity.import_survey(file, mapping=mapping)
        nobody = len(capacity.ask("people"))

    assert (first.tally.created, again.edits, last.edits, nobody) == (2, 0, 0, 0)
    assert (again.forgotten.count, last.forgotten.count) == (1, 2)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('pseudonym_prefix = "x-"\n', ""), "add pseudonym_prefix = "),
        (('column = "USER"\n', ""), "identity.column: this is missing"),
        (("generated = true", 'generated = "yes"'), "not true or false"),
        (("generated = true", "generated = true\nrow_number = true"), "remove row_number"),
        (("generated = true\n", ""), "or generated = true"),
    ],
)
def test_a_mapping_says_how(
    change: tuple[str, str], told: str, tmp_path: Path, ontology: Ontology
) -> None:
    """And a message names what is missing."""
    with pytest.raises(MappingError, match=told):
        survey(tmp_path, ontology, table(columns=WITH_ID), MIXED.replace(*change))


def test_mappings_without_it_are_as_before(tmp_path: Path, ontology: Ontology) -> None:
    """Their names do not depend on the Wikibase."""
    opened = survey(tmp_path, ontology, table(ada()), MAPPING)

    assert opened.salted(SALT) is opened
