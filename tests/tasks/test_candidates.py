"""The queue of suggestions: they become skills, and people get their answers."""

import sqlite3
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.surveys.samples import COLUMNS, MAPPING, ada, table
from wbskills.data import ontology_folder
from wbskills.domain import Identity
from wbskills.errors import InvalidValue, NotFound, StoreBusy, StoreError, WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load
from wbskills.private_records import candidates as queue_file
from wbskills.private_records.candidates import FILE, Candidates
from wbskills.stores import open_folder
from wbskills.tasks import candidates
from wbskills.tasks.forgetting import forget
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.tasks.receipts import ImportReceipt
from wbskills.tasks.surveys import import_survey, open_survey
from wbskills.wikibase.interface import LocalWikibase
from wbskills.wikibase.model.values import EntityRef

OTHERS = MAPPING + '\n[[others]]\ncolumns = "SK[other]"\nlevel = "alone"\n'
WIDE = [*COLUMNS, "SK[other]"]
TODAY = date(2026, 11, 22)
NAMED = [
    [*ada(), "Kiwix"],
    [*ada(name="Bea"), "kiwix"],
    [*ada(name="Cy"), "Lua scripting"],
    [*ada(name="Dan"), ""],
    ["Eve", "2026-03-04", "No", "alone", "none", "Secret wording"],
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a store."""
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path, ontology: Ontology) -> Iterator[LocalWikibase]:
    """A store in a folder that has the ontology."""
    with open_folder(str(folder)) as opened:
        list(apply_ontology(opened, ontology))
        yield opened


def run(store: LocalWikibase, folder: Path, *rows: list[str], text: str = OTHERS) -> ImportReceipt:
    """Import rows as the command does."""
    file, mapping = folder.parent / "s.csv", folder.parent / "m.toml"
    file.write_text(table(*(rows or NAMED), columns=WIDE), encoding="utf-8")
    mapping.write_text(text, encoding="utf-8")
    mapped = open_survey(file, mapping, records=folder)
    with Candidates(folder) as queue:
        return import_survey(store, mapped, batch="b", today=TODAY, queue=queue)


def skills_of(store: LocalWikibase, folder: Path, ontology: Ontology, name: str) -> list[str]:
    """List the skills that a person has an assessment of."""
    known = candidates.with_adopted(ontology, candidates.decisions_of(folder))
    binding = binding_of(store, known)
    ((_, person),) = store.find_by_identifier(binding.property("wikimedia_username"), [name])
    keys = binding.keys()
    values = store.read([person])[person].entity.values(binding.property("assessed_skill"))
    return sorted(keys[value.id] for value in values if isinstance(value, EntityRef))


def waiting(folder: Path) -> list[tuple[str, int]]:
    """List the waiting suggestions, with how many people gave each."""
    with Candidates(folder, write=False) as queue:
        return [(each.wording, each.people) for each in queue.waiting()]


def test_what_people_named_waits_in_a_private_file(store: LocalWikibase, folder: Path) -> None:
    """Counted by people, however often their survey is imported; nobody's name is in it."""
    receipt = run(store, folder)
    assert waiting(folder) == [("kiwix", 2), ("lua scripting", 1)]
    assert receipt.tally.named == 3
    assert any("did not ask about: 3." in line for line in receipt.lines())

    assert run(store, folder).edits == 0
    assert waiting(folder) == [("kiwix", 2), ("lua scripting", 1)]

    file = folder / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    assert not any(name in content for name in (b"Ada", b"Bea", b"Eve", b"Secret"))


def test_words_of_who_is_forgotten_leave_the_queue(
    store: LocalWikibase, folder: Path, ontology: Ontology
) -> None:
    """Theirs alone: who named the same stays counted. They do not come back."""
    run(store, folder)

    both = [Identity("wikimedia_username", name) for name in ("Bea", "Cy")]
    assert [forget(store, ontology, each, folder).suggestions for each in both] == [1, 1]

    assert waiting(folder) == [("kiwix", 1)]
    assert b"Lua scripting" not in (folder / FILE).read_bytes()
    assert forget(store, ontology, both[1], folder).suggestions == 0


@pytest.mark.parametrize("again", [False, True])
def test_a_rejected_word_goes_with_the_last_who_gave_it(
    store: LocalWikibase, folder: Path, ontology: Ontology, again: bool
) -> None:
    """It is their free text; also where their survey was imported since. Others keep theirs."""
    run(store, folder)
    candidates.reject(folder, "Lua scripting")
    candidates.reject(folder, "kiwix")
    if again:
        run(store, folder)

    for name in ("Cy", "Bea"):
        forget(store, ontology, Identity("wikimedia_username", name), folder)

    assert [each.wording for each in candidates.decisions_of(folder)] == ["kiwix"]
    assert b"ua scripting" not in (folder / FILE).read_bytes()


def test_adopting_a_wording_records_the_answers_of_those_who_suggested_it(
    store: LocalWikibase, folder: Path, ontology: Ontology
) -> None:
    """With the next import of the same file, which changes nothing after that."""
    run(store, folder)

    decision, edits = candidates.adopt(
        store, folder, ontology, "KIWIX", "kiwix", group="group_data"
    )
    again = candidates.adopt(store, folder, ontology, "kiwix", "kiwix", group="group_data")

    assert [str(edit) for edit in edits] == ["create kiwix Kiwix"] or len(edits) == 1
    assert again[1] == []
    assert decision.label == "Kiwix"
    binding = binding_of(store, ontology)
    item = store.read([binding.items["kiwix"]])[binding.items["kiwix"]].entity
    assert item.values(binding.property("status")) == [EntityRef(binding.items["candidate"])]
    assert skills_of(store, folder, ontology, "Ada") == ["lua_modules", "python"]

    receipt = run(store, folder)

    assert receipt.tally.changed == 2
    for name in ("Ada", "Bea"):
        assert skills_of(store, folder, ontology, name) == ["kiwix", "lua_modules", "python"]
    assert skills_of(store, folder, ontology, "Dan") == ["lua_modules", "python"]
    assert run(store, folder).edits == 0
    assert waiting(folder) == [("lua scripting", 1)]


def test_a_merge_holds_for_every_survey_to_come(
    store: LocalWikibase, folder: Path, ontology: Ontology
) -> None:
    """Also for people who suggest it next year. Merging it differently keeps earlier answers."""
    run(store, folder)
    candidates.merge(folder, ontology, "lua scripting", "Regular expressions")
    run(store, folder)
    assert skills_of(store, folder, ontology, "Cy") == ["lua_modules", "python", "regex"]

    later = OTHERS.replace("w1", "w2").replace("2026-03", "2027-03").replace("First", "Second")
    day = "2027-03-04"
    run(store, folder, [*ada(name="Fay", day=day), "LUA  Scripting"], text=later)
    assert skills_of(store, folder, ontology, "Fay") == ["lua_modules", "python", "regex"]

    decision = candidates.merge(folder, ontology, "lua scripting", "sparql")
    run(store, folder)
    assert decision.before == "regex"
    assert skills_of(store, folder, ontology, "Cy") == ["lua_modules", "python", "regex", "sparql"]


def test_a_rejected_suggestion_is_not_listed_again(
    store: LocalWikibase, folder: Path, ontology: Ontology
) -> None:
    """Until someone changes the decision."""
    run(store, folder)
    candidates.reject(folder, "Kiwix")
    assert waiting(folder) == [("lua scripting", 1)]
    assert run(store, folder).edits == 0
    assert waiting(folder) == [("lua scripting", 1)]

    candidates.adopt(store, folder, ontology, "kiwix", "kiwix")
    assert run(store, folder).tally.changed == 2


def test_a_corrected_file_removes_suggestions(store: LocalWikibase, folder: Path) -> None:
    """The newest answer counts, here as everywhere."""
    run(store, folder)
    run(store, folder, [*ada(), "Quarry"])
    assert waiting(folder) == [("kiwix", 1), ("lua scripting", 1), ("quarry", 1)]


def test_the_next_survey_can_ask_about_an_adopted_skill(
    store: LocalWikibase, folder: Path, ontology: Ontology
) -> None:
    """By its key or its label, like any other skill."""
    run(store, folder)
    candidates.adopt(store, folder, ontology, "kiwix", "kiwix")
    file, mapping = folder.parent / "s.csv", folder.parent / "m.toml"
    columns = ["USER", "WHEN", "CONSENT", "SK[Kiwix]"]
    file.write_text(table(["Ada", "2026-03-04", "Yes", "leads"], columns=columns))
    mapping.write_text(MAPPING, encoding="utf-8")

    mapped = open_survey(file, mapping, records=folder)

    assert [skill.skill for skill in mapped.survey.mapping.skills] == ["kiwix"]


@pytest.mark.parametrize(
    ("wording", "key", "told"),
    [
        ("nobody said this", "kiwix", "nobody suggested"),
        ("kiwix", "Kiwix!", "is not a valid key"),
        ("kiwix", "lua_modules", "is taken by"),
        ("kiwix", "taken", "is taken by “Lua scripting”"),
    ],
)
def test_what_cannot_be_adopted(
    store: LocalWikibase, folder: Path, ontology: Ontology, wording: str, key: str, told: str
) -> None:
    """Nothing is written, and the message has a hint."""
    run(store, folder)
    candidates.adopt(store, folder, ontology, "lua scripting", "taken")
    before = store.revision()
    with pytest.raises(WbskillsError, match=told) as refused:
        candidates.adopt(store, folder, ontology, wording, key)
    assert refused.value.hint
    assert store.revision() == before


def test_the_key_of_another_item_is_not_taken(
    store: LocalWikibase, folder: Path, ontology: Ontology
) -> None:
    """An item that someone created by hand keeps its label."""
    run(store, folder)
    candidates.adopt(store, folder, ontology, "kiwix", "kiwix")
    (folder / FILE).unlink()
    run(store, folder)
    with pytest.raises(InvalidValue, match=r"Q[0-9]+ already has the key “kiwix”"):
        candidates.adopt(store, folder, ontology, "lua scripting", "kiwix")


def test_a_group_and_a_skill_have_to_be_there(
    store: LocalWikibase, folder: Path, ontology: Ontology
) -> None:
    """With what is spelt nearly like it."""
    run(store, folder)
    with pytest.raises(NotFound, match="no group is called “group_dat”"):
        candidates.adopt(store, folder, ontology, "kiwix", "kiwix", group="group_dat")
    with pytest.raises(NotFound, match="no skill is called “Lua modulse”") as refused:
        candidates.merge(folder, ontology, "kiwix", "Lua modulse")
    assert "lua" in refused.value.hint.lower()


def test_a_decision_about_a_skill_that_is_gone_stops_the_import(
    store: LocalWikibase, folder: Path
) -> None:
    """Before anything is written."""
    run(store, folder)
    own = folder.parent / "own.toml"
    own.write_text(
        '[skills.own_skill]\nlabel = { en = "Own" }\ndescription = { en = "skill of our own" }\n'
        'group = "group_data"\nstatus = "published"\n'
    )
    candidates.merge(folder, load(ontology_folder(), own), "kiwix", "own_skill")
    with pytest.raises(StoreError, match="“Kiwix” means the skill “own_skill”"):
        run(store, folder)


def test_an_import_that_breaks_off_leaves_the_queue_as_it_was(
    store: LocalWikibase, folder: Path
) -> None:
    """Suggestions are stored only by an import that is completed."""
    file, mapping = folder.parent / "s.csv", folder.parent / "m.toml"
    file.write_text(table(*NAMED, columns=WIDE), encoding="utf-8")
    mapping.write_text(OTHERS, encoding="utf-8")
    mapped = open_survey(file, mapping, records=folder)

    def full(line: str) -> None:
        if line.startswith("row"):
            raise StoreError("the disk is full")

    with Candidates(folder) as queue, pytest.raises(StoreError, match="the disk is full"):
        import_survey(store, mapped, batch="b", today=TODAY, queue=queue, on_edit=full)

    assert waiting(folder) == []
    run(store, folder)
    assert waiting(folder) == [("kiwix", 2), ("lua scripting", 1)]


def test_an_import_that_fails_leaves_the_queue_as_it_was(
    store: LocalWikibase, folder: Path
) -> None:
    """All or nothing."""
    run(store, folder)
    with Candidates(folder) as queue:

        def told() -> None:
            with queue.adding() as add:
                add(b"x", "w1", [("new", "New", "alone")], ())
                raise StoreError("the disk is full")

        with pytest.raises(StoreError, match="the disk is full"):
            told()
    assert waiting(folder) == [("kiwix", 2), ("lua scripting", 1)]


def test_a_busy_or_spoilt_queue_is_one_message(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And an unknown format is not touched."""
    folder.mkdir()
    (folder / FILE).write_bytes(b"this is no database, not at all" * 100)
    with pytest.raises(StoreError, match="is not a file of wbskills"):
        Candidates(folder)
    (folder / FILE).unlink()
    Candidates(folder).__exit__()
    other = sqlite3.connect(folder / FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(queue_file, "_WAIT", 0.1)
    with pytest.raises(StoreBusy, match="another process"):
        Candidates(folder)
    other.execute("ROLLBACK")
    other.execute("PRAGMA user_version = 9")
    other.close()
    with pytest.raises(StoreError, match="format 9"):
        Candidates(folder)


def test_without_a_queue_nothing_is_made(folder: Path, ontology: Ontology) -> None:
    """A mistyped folder stays away."""
    assert len(candidates.waiting_table(folder, ontology)) == 0
    with pytest.raises(NotFound, match="nobody suggested"):
        candidates.reject(folder, "Kiwix")
    assert not folder.exists()


def test_words_of_others_that_name_who_is_forgotten_go(
    store: LocalWikibase, folder: Path, ontology: Ontology
) -> None:
    """Whether they wait or were rejected; of what was made a skill the item is public."""
    said = ("ask Cy Young", "CY_YOUNG knows", "kiwix", "cymbals")
    rows = [[*ada(name=f"Somebody {at}"), each] for at, each in enumerate(said)]
    run(store, folder, *rows, [*ada(name="Cy Young"), ""])
    candidates.reject(folder, "ask Cy Young")
    assert (
        forget(store, ontology, Identity("wikimedia_username", "Cy Young"), folder).suggestions
        == 2
    )
    assert waiting(folder) == [("cymbals", 1), ("kiwix", 1)]
    assert b"young" not in (folder / FILE).read_bytes().lower()


def no(name: str, day: str = "2026-03-20", *more: str) -> list[str]:
    """Return the row of a person who does not consent (any more)."""
    return [name, day, "No", "alone", "none", "", *more]


def test_who_does_not_agree_any_more_leaves_the_queue(store: LocalWikibase, folder: Path) -> None:
    """The words were given on the ground of a consent that is gone."""
    run(store, folder)
    assert waiting(folder) == [("kiwix", 2), ("lua scripting", 1)]

    receipt = run(store, folder, *NAMED, no("Cy"), no("Ada"))

    assert waiting(folder) == [("kiwix", 1)]
    assert receipt.tally.taken_back == 2
    assert any("2 suggestions removed from the queue" in line for line in receipt.lines())
    assert run(store, folder, *NAMED, no("Cy"), no("Ada")).tally.taken_back == 0


def test_a_no_in_a_form_that_asks_for_no_others(store: LocalWikibase, folder: Path) -> None:
    """A refusal in next year's survey removes earlier suggestions; a later consent does not."""
    next_year = OTHERS.partition("\n[[others]]")[0].replace("waves.w1", "waves.w2")
    next_year = next_year.replace("First", "Second").replace("2026-03", "2027-03")
    next_year += '\nskills = { "other" = "" }\n'
    run(store, folder)

    run(store, folder, no("Ada", "2027-03-20"), text=next_year)
    assert waiting(folder) == [("kiwix", 1), ("lua scripting", 1)]

    run(store, folder, [*ada(name="Bea", day="2027-03-04"), ""], text=next_year)
    run(store, folder, no("Bea", "2026-02-20"), text=OTHERS.replace("w1", "w0").replace(
        "First", "Earlier").replace("2026-03", "2026-02").replace("02-31", "02-28"))  # fmt: skip
    assert waiting(folder) == [("kiwix", 1), ("lua scripting", 1)]


def test_the_words_under_a_pseudonym_leave_too(store: LocalWikibase, folder: Path) -> None:
    """The refusal is under the username, the words were taken in under the pseudonym."""
    text = OTHERS.replace('"USER"', '"USER"\npseudonym_column = "NICK"\npseudonym_prefix = "t-"')
    text = text.replace('"No" =', '"Nick" = "consent_pseudonym", "No" =')
    shy = ["Ada", "2026-03-04", "Nick", "alone", "none", "Kiwix", "Otter"]
    file, mapping = folder.parent / "s.csv", folder.parent / "m.toml"
    mapping.write_text(text, encoding="utf-8")
    for rows in ([shy], [shy, no("Ada", "2026-03-20", "")]):
        file.write_text(table(*rows, columns=[*WIDE, "NICK"]), encoding="utf-8")
        mapped = open_survey(file, mapping, records=folder)
        with Candidates(folder) as queue:
            receipt = import_survey(store, mapped, batch="b", today=TODAY, queue=queue)
        assert waiting(folder) == ([("kiwix", 1)] if rows == [shy] else [])
        assert receipt.withdrawn.first == (() if rows == [shy] else (3,))
