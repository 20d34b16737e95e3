"""The table of the escape (`xml`), and what can be told of it without a host."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kvmform.diagnostics import DiagnosticError
from kvmform.resources.domain.equivalence import same_text
from kvmform.resources.domain.escape.values import NAMES
from kvmform.resources.domain.policies import at_boot
from kvmform.schema import Block, Disruption, Object, Path, Plain, Problem, Row
from kvmform.values.model import Unknown
from kvmform.values.types import STRING, MapType
from kvmform.xml.overlay import check_path
from kvmform.xml.sandbox import check_user_template
from kvmform.xml.stylesheet import check_stylesheet, same_stylesheet

__all__ = ["ESCAPE", "WAYS", "check_texts"]

WAYS = ("template", "xslt", "overlay")
"""The arguments of the escape, in the order in which they are carried out."""

_AT_START = at_boot("the definition is another one, and QEMU takes it when it starts")


def _same_overlay(before: Plain, after: Plain) -> bool:
    return bool((before or {}) == (after or {}))


ESCAPE = Block(
    doc="Changes to the domain's XML before it is defined, for what has no argument of its own. First comes the "
    "`template`, then the `xslt`, then the `overlay`. They are carried out anew with each update; the guest's UUID, "
    "name, MAC addresses and disks stay.",
    max_items=1,
    change=_AT_START,
    rows={
        "xslt": Row(
            type=STRING,
            change=_AT_START,
            same=same_stylesheet,
            doc="An XSLT 1.0 stylesheet; it reads and writes no files.",
        ),
        "overlay": Row(
            type=MapType(STRING),
            change=_AT_START,
            same=_same_overlay,
            doc="Elements and attributes by path, as `devices/memballoon/@model`: a text is put there, one that begins "
            "with `<` is XML that is added, and null removes what is there.",
        ),
        "template": Row(
            type=STRING,
            change=_AT_START,
            same=same_text,
            doc="A jinja2 template of the whole definition, in place of kvmform's own.",
        ),
        "effect": Row(
            type=MapType(STRING),
            computed=True,
            read_only=True,
            sensitive=True,
            change=Disruption.NONE,
            doc="What the escape changed in the definition, by path, as libvirt keeps it. Where that is changed past "
            "kvmform, the escape is carried out again. Hidden, since what the escape was made of may be secret.",
        ),
    },
)
"""The block."""


def check_texts(written: Object) -> Iterator[Problem]:
    """Stylesheet, paths and template are such."""
    for index, block in enumerate(written["xml"] if isinstance(written["xml"], list) else ()):
        for name, check in _CHECKS.items():
            if block[name] and not isinstance(block[name], Unknown):
                yield from _problems(("xml", index, name), check, block[name])


def _problems(path: Path, check: Callable[[Plain], None], value: Plain) -> Iterator[Problem]:
    try:
        check(value)
    except DiagnosticError as problem:
        yield from (Problem(path, found) for found in problem.diagnostics)


def _check_paths(overlay: dict[str, Plain]) -> None:
    for path in overlay:
        check_path(path)


_CHECKS: dict[str, Callable[[Plain], None]] = {
    "xslt": check_stylesheet,
    "overlay": _check_paths,
    "template": lambda text: check_user_template(text, NAMES),
}
