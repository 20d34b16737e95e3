"""What every command begins with: where to work, and how to show things."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kvmform.cli.environment import terraform_named
from kvmform.cli.exit import ERROR
from kvmform.cli.prompts import ask_variable, may_ask
from kvmform.diagnostics import DiagnosticError
from kvmform.product import Product, product

if TYPE_CHECKING:
    from kvmform.view import View
    from kvmform.workspace import Surroundings

__all__ = [
    "is_automation",
    "open_view",
    "own_product",
    "reporting",
    "seconds",
    "surroundings",
    "wants_color",
]

_DURATION = r"(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m)?(?:(?P<s>\d+(?:\.\d+)?)s?)?"


def surroundings(
    *,
    variables: Sequence[tuple[str, str]] = (),
    state: Path | None = None,
    state_out: Path | None = None,
    backup: Path | None = None,
    lock: bool = True,
    lock_timeout: str = "0s",
    ask: bool = False,
    tell: Callable[[str], None] = lambda _text: None,
    may_be_empty: bool = False,
    may_be_unfinished: bool = False,
    directory: Path | None = None,
) -> Surroundings:
    """Where this command works: the current directory, or another one, with what flags and environment say.

    `variables` are `-var` and `-var-file` with what they were given, in the order of the command line. `tell` says what
    is waited for.
    """
    from kvmform.config.inputs import VariableArgument
    from kvmform.workspace import Surroundings

    environment = terraform_named(os.environ)
    data_directory = environment.get("TF_DATA_DIR")
    return Surroundings(
        directory=Path.cwd() if directory is None else directory.absolute(),
        data_directory=Path(data_directory) if data_directory else None,
        state_path=state,
        state_output=state_out,
        state_backup=backup,
        environment=environment,
        variables=[VariableArgument(text, flag == "-var-file") for flag, text in variables],
        ask=ask_variable if may_ask(wanted=ask) else None,
        tell=tell,
        lock=lock,
        lock_timeout=seconds(lock_timeout, "-lock-timeout"),
        may_be_empty=may_be_empty,
        may_be_unfinished=may_be_unfinished,
    )


def open_view(*, json: bool, no_color: bool, compact_warnings: bool = False) -> View:
    """The view for this command's output: for people, or for programs."""
    from kvmform.view import open_view as opened

    color = wants_color(no_color=no_color)
    return opened(json=json, color=color, compact_warnings=compact_warnings, product=own_product())


def own_product() -> Product:
    """As what kvmform was called, and therefore speaks.

    Raises:
        DiagnosticError: KVMFORM_COMPAT names nothing that it could.
    """
    return product(sys.argv[0], os.environ)


def wants_color(*, no_color: bool) -> bool:
    """Whether the output may have colour; whether it goes to a terminal is for the view to see."""
    return not no_color and "NO_COLOR" not in os.environ


@contextmanager
def reporting(view: View) -> Iterator[None]:
    """Show what goes wrong in the view, and end the command with exit code 1."""
    try:
        yield
    except DiagnosticError as problem:
        view.diagnostics(problem.diagnostics)
        raise SystemExit(ERROR) from problem
    finally:
        view.close()


def is_automation() -> bool:
    """Whether a program runs kvmform (TF_IN_AUTOMATION): hints for people are left out."""
    return bool(terraform_named(os.environ).get("TF_IN_AUTOMATION"))


def seconds(text: str, flag: str) -> float:
    """A duration as Terraform's flags have it: 30s, 5m, 1h30m.

    Raises:
        DiagnosticError: it is no duration.
    """
    import re

    found = re.fullmatch(_DURATION, text)
    if not text or found is None:
        raise DiagnosticError.of("Invalid duration", f'{flag} takes a duration like 30s or 5m; "{text}" is none.')
    return int(found["h"] or 0) * 3600 + int(found["m"] or 0) * 60 + float(found["s"] or 0)
