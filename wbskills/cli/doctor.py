"""`wbskills doctor`: looking whether everything is there that the commands need."""

from pathlib import Path

import click

from wbskills.cli.options import (
    harmless,
    load_ontology,
    on_wikibase,
    told_on_stderr,
    with_ontology,
)


@click.command()
@on_wikibase
@with_ontology
def doctor(wikibase: str, further: tuple[Path, ...]) -> None:
    """Look whether a Wikibase is ready, and say what to do where it is not.

    Of a profile: address, version, log-in, blocks, rights, rate of edits, datatypes, the folder
    of what is remembered, the ontology, the query service and how far it is behind. Of a
    folder: is it whole. Writes nothing. Ends with exit code 1 if something is bad.

    \b
    Examples:
      wbskills doctor --wikibase capacity
      wbskills doctor --wikibase ./wbskills-store
    """
    from wbskills.report.as_text import as_text
    from wbskills.stores import find_profile
    from wbskills.tasks.doctor import State, as_table, examine_folder, examine_profile

    ontology = load_ontology(further)
    profile = find_profile(wikibase)
    if profile is None:
        checks = list(examine_folder(wikibase, ontology))
    else:
        checks = list(examine_profile(profile, ontology, told_on_stderr))
    click.echo(as_text(as_table(checks)), nl=False)
    for each in checks:
        if each.hint and each.state is not State.GOOD:
            click.echo(harmless(f"{each.name}\n  Try: {each.hint}"))
    if any(each.state is State.BAD for each in checks):
        raise SystemExit(1)
