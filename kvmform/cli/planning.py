"""What plan, apply and destroy have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kvmform.address import Target, parse_instance, parse_target
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import Gate, Mode
from kvmform.workspace import PlanOptions

__all__ = ["plan_options"]


def plan_options(
    *,
    destroy: bool,
    refresh_only: bool,
    refresh: bool,
    targets: Sequence[tuple[str, str]],
    excluded: Sequence[tuple[str, str]],
    replace: Sequence[str],
    gates: Sequence[Gate],
) -> PlanOptions:
    """Plan options from flags.

    Raises:
        DiagnosticError: an address is none, or two flags contradict each other.
    """
    if destroy and refresh_only:
        detail = "The -destroy and -refresh-only options are mutually-exclusive."
        raise DiagnosticError.of("Incompatible plan mode options", detail)
    if refresh_only and not refresh:
        detail = (
            "It doesn't make sense to use -refresh-only at the same time as -refresh=false, because kvmform would have "
            "nothing to do."
        )
        raise DiagnosticError.of("Incompatible refresh options", detail)
    if replace and (destroy or refresh_only):
        detail = "Forcing resource instance replacement (with -replace=...) is allowed only in normal planning mode."
        raise DiagnosticError.of("Unsupported plan mode", detail)
    mode = Mode.DESTROY if destroy else Mode.REFRESH_ONLY if refresh_only else Mode.NORMAL
    return PlanOptions(
        mode=mode,
        targets=tuple(_addresses(targets)),
        excluded=tuple(_addresses(excluded)),
        replace=frozenset(parse_instance(text) for text in replace),
        refresh=refresh,
        gates=gates,
    )


def _addresses(given: Sequence[tuple[str, str]]) -> Iterator[Target]:
    """What -target and -exclude name themselves, and what the files name that -target-file and -exclude-file name.

    Raises:
        DiagnosticError: a file can't be read, or an address is none.
    """
    for flag, text in given:
        if not flag.endswith("-file"):
            yield parse_target(text)
            continue
        try:
            lines = Path(text).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as problem:
            raise DiagnosticError.of(f"Can't read {text}", f"{flag}={text}: {problem}.") from problem
        yield from (parse_target(line) for line in map(str.strip, lines) if line and not line.startswith("#"))
