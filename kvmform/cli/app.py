"""The command line: which commands there are, and what happens to errors nobody expected."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from kvmform.cli import flags
from kvmform.cli.apply import apply, destroy
from kvmform.cli.arguments import normalised
from kvmform.cli.exit import ERROR, OK
from kvmform.cli.fmt import fmt
from kvmform.cli.graph import graph
from kvmform.cli.init import init
from kvmform.cli.output import output
from kvmform.cli.plan import plan
from kvmform.cli.refresh import refresh
from kvmform.cli.show import show
from kvmform.cli.state import list_instances, show_instance
from kvmform.cli.validate import validate
from kvmform.cli.version import version
from kvmform.diagnostics import Diagnostic, DiagnosticError, error

__all__ = ["app", "main"]

# The parser's exceptions have no public name of their own: typer brings its own copy of click.
_UsageProblem: type[Exception] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="kvmform",
    help="Plan and apply KVM/libvirt labs written in Terraform's language.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (init, validate, plan, apply, destroy, refresh, show, output, fmt, graph, version):
    app.command()(command)

state = typer.Typer(help="Look into the state.", no_args_is_help=True, rich_markup_mode=None)
state.command("list")(list_instances)
state.command("show")(show_instance)
app.add_typer(state, name="state")


@app.callback(invoke_without_command=True)
def _everything(
    *,
    chdir: Annotated[Path | None, typer.Option("--chdir", help="Work in this directory.")] = None,
    show_version: Annotated[bool, typer.Option("--version", "-v", help="Show the version.")] = False,
    json: flags.Json = False,
) -> None:
    if show_version:
        version(json=json)
        raise typer.Exit(OK)
    if chdir is not None:
        try:
            os.chdir(chdir)
        except OSError as problem:
            detail = f"-chdir={chdir}: {problem.strerror}."
            raise DiagnosticError.of("Can't change directory", detail) from problem


def main(words: list[str] | None = None) -> NoReturn:
    """Run one command and exit with its code.

    Wrong usage exits with 1, as Terraform does; click's own code for it would be 2, which
    means "there are changes" to those who call plan -detailed-exitcode.
    """
    try:
        given = normalised(sys.argv[1:] if words is None else words, os.environ)
        code = app(given, prog_name="kvmform", standalone_mode=False)
    except _UsageProblem as problem:
        _complain(error("Wrong usage", f"{problem} See kvmform -help."))
        code = ERROR
    except DiagnosticError as problem:
        _complain(*problem.diagnostics)
        code = ERROR
    except (KeyboardInterrupt, typer.Abort):
        _complain(error("Interrupted", "Nothing more was done."))
        code = ERROR
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ERROR
    except Exception as problem:  # noqa: BLE001 - no traceback ever reaches a user who didn't ask for it
        _complain(_bug(problem))
        code = ERROR
    sys.exit(code if isinstance(code, int) else OK)


def _complain(*diagnostics: Diagnostic) -> None:
    from kvmform.cli.session import open_view

    view = open_view(json=False, no_color="-no-color" in sys.argv)
    view.diagnostics(diagnostics)
    view.close()


def _bug(problem: Exception) -> Diagnostic:
    if os.environ.get("KVMFORM_LOG") == "debug":
        import traceback

        traceback.print_exception(problem)
    detail = (
        f"{type(problem).__name__}: {problem}\n\nThis is a bug in kvmform. What was done up to here is recorded. "
        "Please report it, with what KVMFORM_LOG=debug in the environment shows."
    )
    return error("Unexpected error", detail)
