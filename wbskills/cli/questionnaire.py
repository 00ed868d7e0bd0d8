"""`wbskills questionnaire`: what a survey asks, and that for each survey tool."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wbskills.cli.options import FILE, echo, load_ontology, on_wikibase, with_ontology

if TYPE_CHECKING:
    from wbskills.questionnaires.schema import Questionnaire


@click.group()
def questionnaire() -> None:
    """Write questionnaires for survey tools, so that their answers need no mapping."""


@questionnaire.command("list")
@with_ontology
def list_(ontology_files: tuple[Path, ...]) -> None:
    """List the questionnaires: your own in the folder questionnaires, and the built-in ones."""
    from wbskills.tasks.questionnaires import questionnaires

    for each in questionnaires(load_ontology(ontology_files)):
        click.echo(f"{click.style(each.name, bold=True)} {each.version}: {_title(each)}")
        click.echo(f"    {len(each.skills)} skills, in {', '.join(each.languages)} ({each.file})")


@questionnaire.command()
@click.argument("name")
@with_ontology
def show(name: str, ontology_files: tuple[Path, ...]) -> None:
    """Show what a questionnaire asks. NAME is its name, or its file.

    \b
    Example:
      wbskills questionnaire show ambassadors
    """
    from wbskills.tasks.questionnaires import find_questionnaire

    found = find_questionnaire(name, load_ontology(ontology_files))
    language = found.languages[0]
    wave = found.wave
    echo(
        f"{_title(found)}",
        f"{found.name}, version {found.version}, in {', '.join(found.languages)}; {found.file}",
        f"wave {wave.key}: {wave.start} to {wave.end}",
        "",
        found.introduction[language],
        "",
        f"Consent (version {found.consent.version}): {found.consent.text[language]}",
        "",
    )
    for page in found.pages:
        more = ", behind “more”" if page.more else ""
        echo(f"{page.title[language]} ({len(page.skills)} skills{more})")
        echo(f"    {', '.join(page.skills)}")
    asked = [*found.interests, *found.facts, *(["another_skill"] if found.another_skill else [])]
    echo("", f"Also asked: {', '.join(asked) or 'nothing'}")


@questionnaire.command()
@click.argument("name")
@click.option(
    "--from",
    "source",
    metavar="NAME",
    default="ambassadors",
    show_default=True,
    help="The questionnaire to copy.",
)
@with_ontology
def new(name: str, source: str, ontology_files: tuple[Path, ...]) -> None:
    """Create a questionnaire of your own: a copy that already works, for you to change.

    It becomes questionnaires/NAME.toml in the current folder.

    \b
    Example:
      wbskills questionnaire new our_wiki
    """
    from datetime import UTC, datetime

    from wbskills.tasks.questionnaires import find_questionnaire, new_questionnaire

    ontology = load_ontology(ontology_files)
    found = find_questionnaire(source, ontology)
    file = new_questionnaire(name, found, ontology, datetime.now(UTC).date())
    click.echo(
        f"Created {file}. Change it as you like; most of all the role that everyone who answers"
        " gets, and the name and days of the wave."
    )
    click.echo(f"  Try: wbskills questionnaire show {name}")


@questionnaire.command()
@click.argument("name")
@click.argument("folder", type=FILE)
@click.option(
    "--tool",
    metavar="TOOL",
    required=True,
    help="limesurvey, xlsform (KoboToolbox, ODK, Ona), google, qualtrics, nextcloud, microsoft,"
    " surveymonkey or paper.",
)
@with_ontology
def export(name: str, folder: Path, tool: str, ontology_files: tuple[Path, ...]) -> None:
    """Write a questionnaire for a survey tool into FOLDER.

    The answers need no mapping: `survey plan` and `survey apply` recognise which questionnaire and
    version a file answers. The mapping is there as well, for you to read.

    \b
    Examples:
      wbskills questionnaire export ambassadors for-limesurvey --tool limesurvey
      wbskills questionnaire export questionnaires/our_wiki.toml form --tool google
    """
    from wbskills.tasks.questionnaires import export_questionnaire, find_questionnaire

    ontology = load_ontology(ontology_files)
    exported = export_questionnaire(find_questionnaire(name, ontology), ontology, tool, folder)
    for file in exported.files:
        click.echo(f"Wrote {file}")
    click.echo("")
    for number, step in enumerate(exported.next_steps, 1):
        click.echo(f"{number}. {step}")


@questionnaire.command()
@click.argument("name", default="ambassadors")
@on_wikibase
@with_ontology
def status(name: str, wikibase: str, ontology_files: tuple[Path, ...]) -> None:
    """Count who was invited to the form, opened their link, began, and sent their answers.

    Nobody is named, and communities with fewer than three people are counted together.

    \b
    Example:
      wbskills questionnaire status ambassadors
    """
    from wbskills.report.as_text import as_text
    from wbskills.tasks.inviting import Inviting

    found = Inviting(wikibase, load_ontology(ontology_files), name).status()
    echo(as_text(found.table()))
    if found.stopped:
        echo("", "Where those stopped who began and have not sent anything:")
        echo(as_text(found.stopped_table()))


def _title(found: "Questionnaire") -> str:
    return found.title.get("en") or found.title[found.languages[0]]
