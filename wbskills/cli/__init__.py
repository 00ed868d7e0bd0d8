"""The command line: each command reads its arguments, makes one call, and prints the result."""

import errno
import io
import os
import sys

import click

from wbskills.cli.batch import batch
from wbskills.cli.candidates import candidates
from wbskills.cli.check import check, doctor
from wbskills.cli.declared import declared
from wbskills.cli.forget import forget, unforget
from wbskills.cli.init import init
from wbskills.cli.invite import invite
from wbskills.cli.ontology import ontology
from wbskills.cli.options import printable
from wbskills.cli.query import query
from wbskills.cli.questionnaire import questionnaire
from wbskills.cli.report import report
from wbskills.cli.serve import serve
from wbskills.cli.store import store
from wbskills.cli.survey import survey
from wbskills.errors import WbskillsError
from wbskills.version import __version__

_PIPE = 13  # SIGPIPE, which Windows has no name for


class ErrorGroup(click.Group):
    """Shows any `WbskillsError` as one message on stderr, with its exit code."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
            sys.stdout.reconfigure(encoding="utf-8")  # whatever the system's default is
        try:
            return super().invoke(ctx)
        except WbskillsError as error:
            click.echo(f"Error: {printable(str(error))}", err=True)
            raise SystemExit(error.exit_code) from error
        except KeyboardInterrupt as interrupted:
            click.echo(
                "\nInterrupted. Nothing is half-written."
                "\n  Try: run the same command again; it continues where it stopped",
                err=True,
            )
            raise SystemExit(130) from interrupted
        except BrokenPipeError as closed:  # the reader, for example `head`, has ended
            _discard_output()
            raise SystemExit(128 + _PIPE) from closed
        except OSError as error:
            if error.errno == errno.ENOSPC:  # while printing to a file
                _discard_output()
                what, hint = "the disk is full", "free some space, then run the command again"
            else:
                what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
                hint = "use another place, or get permission to use this one"
            click.echo(f"Error: {printable(what)}\n  Try: {hint}", err=True)
            raise SystemExit(1) from error


def _discard_output() -> None:
    """Keep Python from writing the rest of the output when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=ErrorGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="wbskills")
def main() -> None:
    """Turn a skills survey into a capacity map.

    Skills, people and their answers become items and statements of a Wikibase. By default this
    is a folder on your machine, which needs no set-up.

    \b
    From a questionnaire to a map:
      wbskills questionnaire export ambassadors folder --tool limesurvey
      wbskills survey plan results-survey.csv
      wbskills survey apply results-survey.csv
      wbskills report build site

    \b
    From any survey file to a map:
      wbskills ontology apply
      wbskills survey inspect answers.csv --draft mapping.toml
      wbskills survey plan answers.csv --mapping mapping.toml
      wbskills survey apply answers.csv --mapping mapping.toml
      wbskills report build site
    """


for command in (
    init, doctor, ontology, questionnaire, invite, survey, candidates, declared, batch, query,
    report, serve, check, forget, unforget, store,
):  # fmt: skip
    main.add_command(command)
