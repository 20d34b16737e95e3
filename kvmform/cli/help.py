"""What `-help` shows, made by typer from the signatures of the commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import Parameter as Signed
from inspect import Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from kvmform.cli.app import COMMANDS, GROUPS, command
from kvmform.cli.command_line import Parameter, parameters
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.session import own_product

__all__ = ["show_help"]


def show_help(name: str) -> None:
    """Describe one command, or a group of them, or, if there is no name, all."""
    _application()([*name.split(), "-help"], prog_name=own_product().program, standalone_mode=False)


def _application() -> typer.Typer:
    app = _group("Plan and apply KVM/libvirt labs written in Terraform's language.")
    app.callback()(_described(_before_commands, None))
    groups = {name: _group(summary) for name, summary in GROUPS.items()}
    for name, group in groups.items():
        app.add_typer(group, name=name)
    # What a group does without a second word is told by its summary.
    for name in (name for name in COMMANDS if name not in groups):
        first, _, second = name.partition(" ")
        place = groups.get(first, app)
        function = command(name)
        summary = (function.__doc__ or "").partition("\n")[0]
        place.command(second or name, short_help=summary)(_described(function, function.__doc__))
    return app


def _group(summary: str) -> typer.Typer:
    # Of several names click shows a set, in another order each time.
    settings = {"help_option_names": ["-help"]}
    return typer.Typer(help=summary, add_completion=False, rich_markup_mode=None, context_settings=settings)


def _before_commands(
    *,
    chdir: Annotated[Path | None, Flag("-chdir", help="Work in this directory.")] = None,
    version: Annotated[bool, Flag("-version", help="Show the version.")] = False,
) -> None:
    """Stand in for the flags before a command, which `app` reads."""


def _described(function: Callable[..., Any], text: str | None) -> Callable[..., None]:
    """A function that does nothing, with the signature that makes typer describe `function`."""

    def stand_in(**_arguments: object) -> None:
        """Nothing of it is ever run."""

    defaults = {name: each.default for name, each in signature(function).parameters.items()}
    signed = [each for parameter in parameters(function) for each in _signed(parameter, defaults[parameter.name])]
    stand_in.__doc__ = text
    stand_in.__annotations__ = {each.name: each.annotation for each in signed}
    stand_in.__signature__ = Signature(signed)  # type: ignore[attr-defined]  # that is how one gives it
    return stand_in


def _signed(parameter: Parameter, default: Any) -> Iterator[Signed]:
    """A parameter in typer's form; one with several flags becomes several."""
    for number, form in enumerate(parameter.forms):
        kind: Any = bool if parameter.kind is bool else str
        if parameter.is_list:
            kind = list[kind]
        match form:
            case Flag():
                told: Any = typer.Option(
                    form.name,
                    help=form.help,
                    hidden=form.hidden,
                    metavar=None if parameter.kind is bool else "VALUE",
                    show_default=str(default).lower() if default else False,
                )
            case Argument():
                told = typer.Argument(metavar=form.metavar, help=form.help, show_default=False)
        yield Signed(
            f"{parameter.name}_{number}", Signed.KEYWORD_ONLY, default=default, annotation=Annotated[kind, told]
        )
