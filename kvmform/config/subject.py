"""What a reference leads to: the object that it names, and the steps into that.

Source: internal/addrs/parse_ref.go of Terraform 1.11.
"""

from __future__ import annotations

from json import dumps

from kvmform.lang.references import Key, Reference
from kvmform.struct import Struct

__all__ = ["Subject", "subject_of"]

_Steps = tuple[str | int, ...]

_VALUES = frozenset({"var", "local", "each", "count", "path", "terraform"})


class Subject(Struct):
    """A value, a resource or an instance of one, a module call or an output of it; `rest` leads into it.

    `root` is the first word: `var`, `module`, `data`, or the type of a managed resource.
    """

    root: str
    steps: _Steps
    rest: _Steps

    @property
    def whole(self) -> Subject | None:
        """What it is a part of: the resource of an instance, the call of an output or of an instance of it."""
        is_output = self.root == "module" and len(self.steps) > 1
        if is_output or (self.steps and isinstance(self.steps[-1], int | Key)):
            return Subject(self.root, self.steps[:-1], ())
        return None

    def text(self, length: int = 0) -> str:
        """How it is written, with so many of the steps into it."""
        return self.root + "".join(_step(step) for step in (*self.steps, *self.rest[:length]))


def subject_of(reference: Reference) -> Subject:
    """The object that a reference leads to."""
    root, steps = reference.root, reference.steps
    if root == "resource" and steps:
        root, steps = str(steps[0]), steps[1:]
    length = _length(root, steps)
    return Subject(root, steps[:length], steps[length:])


def _length(root: str, steps: _Steps) -> int:
    if root == "self":
        return 0
    if root in _VALUES:
        return 1
    names = 2 if root == "data" else 1
    has_key = len(steps) > names and isinstance(steps[names], int | Key)
    return names + has_key + (root == "module")


def _step(step: str | int) -> str:
    match step:
        case Key():
            return f"[{dumps(str(step), ensure_ascii=False)}]"
        case int():
            return f"[{step}]"
    return f".{step}"
