"""The command line: reads arguments, asks for one task, prints."""

import errno
import io
import os
import sys

import click

from wbskills.cli.batch import batch
from wbskills.cli.candidates import candidates
from wbskills.cli.check import check
from wbskills.cli.declared import declared
from wbskills.cli.doctor import doctor
from wbskills.cli.forget import forget
from wbskills.cli.init import init
from wbskills.cli.ontology import ontology
from wbskills.cli.options import harmless
from wbskills.cli.query import query
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
        """Run the chosen command."""
        if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
            sys.stdout.reconfigure(
                encoding="utf-8"
            )  # a file is UTF-8, whatever the system's usage
        try:
            return super().invoke(ctx)
        except WbskillsError as error:
            click.echo(f"Error: {harmless(str(error))}", err=True)
            raise SystemExit(error.exit_code) from error
        except KeyboardInterrupt as broken_off:
            click.echo(
                "\nBroken off; nothing is half-written."
                "\n  Try: the same command again, which goes on where it was",
                err=True,
            )
            raise SystemExit(130) from broken_off
        except BrokenPipeError as closed:
            # Whoever was reading has seen enough, as `head` does. Python would write the rest.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(128 + _PIPE) from closed
        except OSError as error:
            if error.errno != errno.ENOSPC:
                what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
                click.echo(
                    f"Error: {harmless(what)}\n  Try: another place, or the right to use it",
                    err=True,
                )
                raise SystemExit(1) from error
            # What is printed goes to a file on a full disk. Python would try again at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            click.echo("Error: the disk is full\n  Try: making room", err=True)
            raise SystemExit(1) from error


@click.group(cls=ErrorGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="wbskills")
def main() -> None:
    """Make a capacity map of people's skills from their answers to a survey.

    Skills, people and self-evaluations become items and statements of a Wikibase: by default
    one in a folder of yours, which needs no set-up.

    \b
    From a survey file to a map:
      wbskills ontology apply
      wbskills survey inspect answers.csv --draft mapping.toml
      wbskills survey plan answers.csv --mapping mapping.toml
      wbskills survey apply answers.csv --mapping mapping.toml
      wbskills report build site
    """


for command in (
    init, doctor, ontology, survey, candidates, declared, batch, query, report, serve, check,
    forget, store,
):  # fmt: skip
    main.add_command(command)
