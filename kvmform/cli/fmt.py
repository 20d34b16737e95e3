"""`kvmform fmt`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from kvmform.cli import flags
from kvmform.cli.exit import NOT_CANONICAL, OK, UNREADABLE
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.session import open_view
from kvmform.diagnostics import DiagnosticError, Diagnostics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kvmform.workspace.formatting import FormattedFile

__all__ = ["fmt"]

_STDIN = "-"


def fmt(
    targets: Annotated[Sequence[str], Argument("[TARGET...]", help="Files and directories; - is standard input.")] = (),
    *,
    list_: Annotated[bool, Flag("-list", help="List files that change.")] = True,
    write: Annotated[bool, Flag("-write", help="Write the files.")] = True,
    diff: Annotated[bool, Flag("-diff", help="Show what changes.")] = False,
    check: Annotated[bool, Flag("-check", help="Only tell by the exit code: 3 to change.")] = False,
    recursive: Annotated[bool, Flag("-recursive", help="Subdirectories too.")] = False,
    no_color: flags.NoColor = False,
) -> int:
    """Bring configuration files into Terraform's canonical form."""
    from_stdin = list(targets[:1]) == [_STDIN]
    lists = list_ and not from_stdin
    writes = write and not from_stdin and not check
    shows_text = not (lists or writes or diff or check)
    problems = Diagnostics()
    said: list[str] = []
    changed = False
    for file in _formatted([_STDIN] if from_stdin else targets or ["."], problems, recursive=recursive):
        text = file.canonical.removesuffix("\n") + "\n" if shows_text else ""
        if file.is_changed:
            changed = True
            text += _change(file, problems, lists=lists, writes=writes, diff=diff)
        if check:
            said.append(text)
        else:
            sys.stdout.write(text)
    if check and lists and not problems.has_errors:
        sys.stdout.writelines(said)
    if problems:
        view = open_view(json=False, no_color=no_color)
        view.diagnostics(problems)
        view.close()
    return UNREADABLE if problems.has_errors else NOT_CANONICAL if check and changed else OK


def _change(file: FormattedFile, problems: Diagnostics, *, lists: bool, writes: bool, diff: bool) -> str:
    """Write a file that changes; what is said of it."""
    text = f"{file.shown}\n" if lists else ""
    try:
        if writes:
            file.write()
        if diff:
            text += file.diff()
    except DiagnosticError as problem:
        problems.caught(problem)
    return text


def _formatted(targets: Sequence[str], problems: Diagnostics, *, recursive: bool) -> Iterator[FormattedFile]:
    from kvmform.workspace.formatting import format_files, format_text

    if targets != [_STDIN]:
        yield from format_files(targets, recursive=recursive, problems=problems)
        return
    try:
        yield format_text(sys.stdin.buffer.read().decode(), "<stdin>")
    except UnicodeDecodeError as problem:
        problems.caught(DiagnosticError.of("Invalid character encoding", f"Standard input is not UTF-8: {problem}."))
    except DiagnosticError as problem:
        problems.caught(problem)
