"""How much of a line there is, and how text is fitted into it."""

from __future__ import annotations

import os
import sys

__all__ = ["cell_width", "rule", "terminal_columns", "wrapped"]

_PIPE_COLUMNS = 78
"""Of what is no terminal, as Terraform has it."""
_UNBROKEN = (
    "Resource actions are indicated with the following symbols",
    "Unless you have made equivalent changes to your configuration",
)
"""What programs look for stays on one line, however narrow the terminal is."""
_GLUE = "\0"
"""Stands for a blank at which no line is broken; it is ASCII, so that nothing is imported to measure it."""


def terminal_columns() -> int:
    """The columns of the terminal that standard output is, or those that `COLUMNS` says."""
    if os.environ.get("COLUMNS", "").isdecimal() and (told := int(os.environ["COLUMNS"])) > 0:
        return told
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _PIPE_COLUMNS
    except (OSError, ValueError, AttributeError):
        return _PIPE_COLUMNS


def wrapped(text: str, columns: int, *, indent: str = "") -> str:
    """Paragraphs as lines that are shorter than `columns`; a line that begins with a blank stays as it is.

    `indent` begins every line but the first of each.
    """
    return "\n".join(line if line.startswith(" ") else _lines(line, columns, indent) for line in text.split("\n"))


def _lines(paragraph: str, columns: int, indent: str) -> str:
    if columns <= len(indent) + 1:
        return paragraph
    for phrase in _UNBROKEN:
        paragraph = paragraph.replace(phrase, phrase.replace(" ", _GLUE))
    line, *words = paragraph.split(" ")
    lines = []
    for word in words:
        if cell_width(f"{line} {word}") < columns:
            line = f"{line} {word}"
        else:
            lines.append(line)
            line = indent + word
    return "\n".join([*lines, line]).replace(_GLUE, " ")


def rule(columns: int) -> str:
    """A line across the terminal, one column short of its width."""
    return "─" * (columns - 1)


def cell_width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
