"""Username and pseudonym of one person: consents that change, and forgetting either."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.surveys.samples import COLUMNS, QUESTIONS, TAIL, table
from tests.tasks.events import left_over
from wbskills.cli import main
from wbskills.domain import Identity
from wbskills.ontology.entries import Ontology
from wbskills.private_records.forgotten import Forgotten
from wbskills.private_records.pseudonyms import FILE, Pseudonyms
from wbskills.stores import open_folder
from wbskills.tasks.forgetting import forget
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.personal_data import spellings
from wbskills.tasks.receipts import ImportReceipt
from wbskills.tasks.surveys import import_survey, open_survey

ADA, NICK = Identity("wikimedia_username", "Ada Lovelace"), Identity("pseudonym", "x-sommer 17")
MAPPING = (
    'title = "Test"\n'
    + "".join(
        f"""
[waves.w{year}]
label = {{ en = "{year}" }}
start = {year}-03-01
end = {year}-03-31
"""
        for year in (2025, 2026, 2027)
    )
    + TAIL.replace("[date]", 'pseudonym_column = "NICK"\npseudonym_prefix = "x-"\n[date]').replace(
        '"No" =', '"Nick" = "consent_pseudonym", "No" ='
    )
    + QUESTIONS
)


def row(name: str, day: str, consent: str, nick: str = "") -> list[str]:
    """Make a row of the survey."""
    return [name, day, consent, "alone", "none", nick]


NAMED = row("Ada Lovelace", "2025-03-04", "Yes")
NICKED = row("Ada Lovelace", "2026-03-04", "Nick", "sommer 17")
REFUSED = row("Ada Lovelace", "2027-03-04", "No")
GRACE = row("Grace", "2026-03-04", "Yes")


def run(folder: Path, *rows: Sequence[str]) -> ImportReceipt:
    """Import rows as the command does."""
    file, mapping = folder.parent / "s.csv", folder.parent / "m.toml"
    file.write_text(table(*rows, columns=[*COLUMNS, "NICK"]), encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    with (
        open_folder(str(folder)) as store,
        Pseudonyms(folder, store.salt(), make=True) as links,
    ):
        return import_survey(
            store,
            open_survey(file, mapping, records=folder),
            batch="b",
            today=date(2026, 11, 22),
            forgotten=Forgotten(folder),
            links=links,
        )


def people(folder: Path, ontology: Ontology) -> list[str]:
    """List all people by name."""
    with open_folder(str(folder), write=False) as store:
        known = binding_of(store, ontology)
        return sorted(
            name
            for kind in ("wikimedia_username", "pseudonym")
            for name, _ in store.find_by_identifier(known.property(kind))
        )


def do(command: str) -> str:
    """Run a command that a receipt proposes."""
    program, *arguments = shlex.split(command)
    assert program == "wbskills"
    done = CliRunner().invoke(main, [*arguments, "--yes"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def proposed(receipt: ImportReceipt, folder: Path) -> list[str]:
    """List the commands that a receipt proposes, for this folder."""
    lines = replace(receipt, wikibase=str(folder)).lines()
    return [line.partition("Try: ")[2] for line in lines if "wbskills forget" in line]


def test_changing_to_a_pseudonym_is_reported_and_not_counted_twice(
    folder: Path, ontology: Ontology
) -> None:
    """With the command that makes room: then the same import takes them in, once."""
    run(folder, NAMED, GRACE)
    receipt = run(folder, NICKED)
    assert people(folder, ontology) == ["Ada Lovelace", "Grace"]
    assert (receipt.elsewhere.count, receipt.elsewhere.first) == (1, (2,))
    (command,) = proposed(receipt, folder)

    do(command)
    run(folder, NAMED, NICKED)
    assert people(folder, ontology) == ["Grace", "x-sommer 17"]
    assert run(folder, NAMED, NICKED).edits == 0
    assert left_over(folder, *spellings("Ada Lovelace")) == []


@pytest.mark.parametrize("turned", [False, True])
def test_in_one_file_the_latest_consent_counts(
    turned: bool, folder: Path, ontology: Ontology
) -> None:
    """In any order of the rows: nobody is named who later asked for a pseudonym."""
    rows = [NICKED, NAMED] if turned else [NAMED, NICKED]
    receipt = run(folder, *rows)
    assert people(folder, ontology) == ["x-sommer 17"]
    assert receipt.elsewhere.first == (3 if turned else 2,)


@pytest.mark.parametrize(
    ("yes", "turned"),
    [
        (NAMED, False),
        (NAMED, True),
        (row("Ada Lovelace", "2025-03-04", "Nick", "sommer 17"), False),
    ],
)
def test_a_refusal_overrides_earlier_consents(
    yes: list[str], turned: bool, folder: Path, ontology: Ontology
) -> None:
    """One file of two waves; who agrees again later is welcome."""
    no = row("Ada Lovelace", "2026-03-04", "No")
    receipt = run(folder, *([no, yes] if turned else [yes, no]), GRACE)
    assert people(folder, ontology) == ["Grace"]
    assert receipt.elsewhere.first == (3 if turned else 2,)
    assert left_over(folder, "Ada Lovelace", "sommer 17") == []
    run(folder, no, row("Ada Lovelace", "2027-03-04", "Yes"))
    assert people(folder, ontology) == ["Ada Lovelace", "Grace"]


def test_two_pseudonyms_of_one_person_do_not_count_twice(folder: Path, ontology: Ontology) -> None:
    """In one file the latest counts; with two files the older item must be removed first."""
    second = row("Ada Lovelace", "2027-03-04", "Nick", "winter 3")
    run(folder, NICKED)
    (command,) = proposed(run(folder, second), folder)
    assert people(folder, ontology) == ["x-sommer 17"]
    do(command)
    run(folder, NICKED, second)
    assert people(folder, ontology) == ["x-winter 3"]


def test_an_older_file_creates_no_second_item(folder: Path, ontology: Ontology) -> None:
    """Named now, under a pseudonym a year ago: no action is required."""
    run(folder, row("Ada Lovelace", "2026-03-04", "Yes"))
    receipt = run(folder, row("Ada Lovelace", "2025-03-04", "Nick", "sommer 17"))
    assert people(folder, ontology) == ["Ada Lovelace"]
    assert receipt.elsewhere.count == 1
    assert receipt.changed == ()


def test_changing_to_a_username_is_reported(folder: Path, ontology: Ontology) -> None:
    """The item under the pseudonym must be removed first."""
    run(folder, row("Ada Lovelace", "2025-03-04", "Nick", "sommer 17"))
    widened = row("Ada Lovelace", "2026-03-04", "Yes")
    (command,) = proposed(run(folder, widened), folder)
    assert people(folder, ontology) == ["x-sommer 17"]
    do(command)
    run(folder, widened)
    assert people(folder, ontology) == ["Ada Lovelace"]


@pytest.mark.parametrize("nick", ["", "sommer 17"])
def test_a_refusal_after_a_pseudonym_is_reported(
    nick: str, folder: Path, ontology: Ontology
) -> None:
    """Also where the row does not repeat it; the command removes them."""
    run(folder, NICKED, GRACE)
    receipt = run(folder, [*REFUSED[:-1], nick])
    assert (receipt.withdrawn.count, receipt.withdrawn.first) == (1, (2,))
    (command,) = proposed(receipt, folder)
    do(command)
    assert people(folder, ontology) == ["Grace"]


@pytest.mark.parametrize("name", [ADA, NICK])
def test_forgetting_one_name_reaches_the_other(
    name: Identity, folder: Path, ontology: Ontology
) -> None:
    """And blocks both: neither name nor another pseudonym is taken in again."""
    run(folder, NICKED, GRACE)
    with open_folder(str(folder)) as store:
        done = forget(store, ontology, name, folder)
    assert len(done.items) == 1
    assert (
        left_over(folder, "sommer 17", "sommer%2017", "sommer_17", *spellings("Ada Lovelace"))
        == []
    )
    again = run(
        folder, NAMED, NICKED, row("Ada Lovelace", "2027-03-04", "Nick", "winter 3"),
        row("Bea", "2027-03-04", "Nick", "herbst 1"),
    )  # fmt: skip
    assert people(folder, ontology) == ["Grace", "x-herbst 1"]
    assert again.forgotten.count == 3


def test_a_person_who_changed_to_a_pseudonym_can_be_forgotten_later(
    folder: Path, ontology: Ontology
) -> None:
    """The entry for “only the username was removed” no longer counts."""
    run(folder, NICKED)
    with open_folder(str(folder)) as store:
        forget(store, ontology, ADA, folder, one_name=True, unseen=True)
    assert people(folder, ontology) == ["x-sommer 17"]
    with open_folder(str(folder)) as store:
        forget(store, ontology, ADA, folder)
    run(folder, NAMED, NICKED, row("Ada Lovelace", "2027-03-04", "Nick", "winter 3"))
    assert people(folder, ontology) == []


def test_the_owner_of_a_pseudonym_is_not_in_the_wikibase(folder: Path) -> None:
    """And in no file by name; the links are a private file."""
    run(folder, NICKED)
    assert left_over(folder, "Ada Lovelace") == []
    assert (folder / FILE).stat().st_mode & 0o077 == 0


def test_both_names_are_known_until_the_copies_are_cleared_too(
    folder: Path, ontology: Ontology
) -> None:
    """Interrupted between the store and its mirrors: the link is gone, and not needed."""
    run(folder, NICKED)
    seen: list[list[Identity]] = []

    def break_off(names: Sequence[Identity]) -> None:
        seen.append(list(names))
        if len(seen) == 1:
            raise KeyboardInterrupt

    with open_folder(str(folder)) as store:
        with pytest.raises(KeyboardInterrupt):
            forget(store, ontology, ADA, folder, clear_copies=break_off)
        forget(store, ontology, ADA, folder, clear_copies=break_off)
    assert seen == [[ADA, NICK], [ADA, NICK]]
    assert left_over(folder, "sommer 17", "Ada Lovelace") == []
