"""`kvmform console`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from kvmform.cli import flags
from kvmform.cli.flags import Flag
from kvmform.cli.session import open_view, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from kvmform.view import View
    from kvmform.workspace.console import Console

__all__ = ["console"]

_REMEMBERED = 1000
"""How many lines the history holds."""

_HELP = """\
Type an expression to see its value, for instance var.size, length(local.names) or
libvirt_domain.web.id. Objects have the values that state has, or with -plan those of a new plan.
type(…) tells the type of a value. An open bracket goes on on the next line.

To leave, type exit, or press Control-C or Control-D."""


def console(
    *,
    planned: Annotated[bool, Flag("-plan", help="With the values of a new plan, not state's.")] = False,
    variables: flags.Variables = (),
    state: flags.StatePath = None,
    json: Annotated[bool, Flag("-json", help="An expression a line in, a JSON object a line out.")] = False,
    no_color: flags.NoColor = False,
) -> None:
    """Evaluate expressions, typed in or from standard input. Changes nothing."""
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        from kvmform.workspace import Workspace

        around = surroundings(variables=variables, state=state, lock=False, may_be_empty=True)
        with Workspace(around) as workspace:
            answering = workspace.console(planned=planned)
            if json:
                _answer_lines(answering)
                return
            view.diagnostics(workspace.warnings)
            if sys.stdin.isatty():
                _converse(answering, view)
            else:
                _answer_script(answering)


def _answer_lines(answering: Console) -> None:
    """Each line is an expression, and is answered at once; an error is an answer too."""
    from kvmform.view.console_json import error_line, value_line
    from kvmform.view.console_text import type_text
    from kvmform.workspace.console import TypeAnswer

    write, flush = sys.stdout.write, sys.stdout.flush
    for line in sys.stdin:
        text = line.strip()
        if not text:
            continue
        try:
            found = answering.answer(text)
            said = value_line(type_text(found.type) if isinstance(found, TypeAnswer) else found)
        except DiagnosticError as problem:
            said = error_line(problem.diagnostics)
        write(said + "\n")
        flush()


def _answer_script(answering: Console) -> None:
    """Evaluate what is piped in, up to the first error; the last value is what is shown, as in Terraform."""
    said = ""
    for text in _expressions(lambda _: sys.stdin.readline() or None):
        if text == "exit":
            return
        said = _said(answering, text)
    print(said)


def _converse(answering: Console, view: View) -> None:
    """Ask for expressions until the user has had enough."""
    with _history():
        for text in _expressions(_typed):
            if text == "exit":
                return
            try:
                print(_said(answering, text), end="\n" if text else "")
            except DiagnosticError as problem:
                view.diagnostics(problem.diagnostics)


def _expressions(read: Callable[[str], str | None]) -> Iterator[str]:
    """Expressions, each as soon as it is whole; `read` gives the next line for a prompt, None at the end.

    Control-C drops what was begun; if nothing was, it ends everything.
    """
    from kvmform.workspace.console import Pending

    pending = Pending()
    while True:
        try:
            line = read("  " if pending.lines else "> ")
        except KeyboardInterrupt:
            if not pending.lines:
                return
            print()
            pending = Pending()
            continue
        if line is not None and pending.add(line.rstrip("\r\n")):
            continue
        if pending.lines:
            yield pending.text.strip()
        if line is None:
            return
        pending = Pending()


def _typed(prompt: str) -> str | None:
    try:
        return input(prompt)
    except EOFError:
        print()
        return None


@contextmanager
def _history() -> Iterator[None]:
    """Lines can be edited and come back, also those of earlier sessions."""
    try:
        import readline
    except ImportError:  # a Python that was built without it
        yield
        return
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    path = Path(home, "kvmform", "console-history")
    readline.set_history_length(_REMEMBERED)
    with suppress(OSError):
        readline.read_history_file(path)
    try:
        yield
    finally:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # secrets may have been typed
            readline.write_history_file(path)


def _said(answering: Console, text: str) -> str:
    from kvmform.view.console_text import console_text, type_text
    from kvmform.workspace.console import TypeAnswer

    match text:
        case "":
            return ""
        case "help":
            return _HELP
    found = answering.answer(text)
    return type_text(found.type) if isinstance(found, TypeAnswer) else console_text(found)
