"""What has to be so in the `wait_for` blocks of a configuration."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import DiagnosticError, error
from kvmform.resources.domain.life.power import parse_duration
from kvmform.resources.domain.readiness.rows import BY_NETWORK, TYPES
from kvmform.schema import Object, Problem, Rule
from kvmform.schema.rules import at_least, at_most, each, one_of, whole
from kvmform.values.model import Unknown

__all__ = ["READINESS_RULES"]

_MEANT_FOR = {"port": BY_NETWORK, "address": BY_NETWORK, "path": ("http",), "pattern": ("console",)}
_NEEDED = {"tcp": "port", "console": "pattern"}


def _arguments(wait: Object) -> Iterator[Problem]:
    """Each kind of wait has arguments of its own."""
    kind = wait["type"]
    if not isinstance(kind, str) or kind not in TYPES:
        return
    needed = _NEEDED.get(kind)
    if needed is not None and wait[needed] in {None, ""}:
        yield Problem((), error("Missing argument", f'A wait of the type "{kind}" needs {needed}.'))
    for name, kinds in _MEANT_FOR.items():
        if wait[name] not in {None, ""} and kind not in kinds:
            detail = f'{name} is for waits of the type {" or ".join(kinds)}, and has no meaning for "{kind}".'
            yield Problem((name,), error("Argument without a meaning", detail))


def _pattern(wait: Object) -> Iterator[Problem]:
    from kvmform.lang.functions.re2 import PatternError, compile_pattern

    pattern = wait["pattern"]
    if isinstance(pattern, str):
        try:
            compile_pattern(pattern)
        except PatternError as problem:
            yield Problem(("pattern",), error("Invalid regular expression", f'"{pattern}": {problem}.'))


def _timeout(wait: Object) -> Iterator[Problem]:
    if wait["timeout"] and not isinstance(wait["timeout"], Unknown):
        try:
            parse_duration(wait["timeout"])
        except DiagnosticError as problem:
            yield Problem(("timeout",), problem.diagnostics[0])


READINESS_RULES: tuple[Rule, ...] = (
    each(
        "wait_for",
        one_of("type", TYPES),
        whole("port"),
        at_least("port", 1),
        at_most("port", 65535),
        _arguments,
        _pattern,
        _timeout,
    ),
)
"""What `validate` tells."""
