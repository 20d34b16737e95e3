"""What has to be so in a domain's configuration of its life."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.schema import Object, Problem
from kvmform.schema.rules import at_least
from kvmform.values.model import Unknown

__all__ = ["LIFE_RULES"]

_MODES = ("agent", "acpi")


def _ways_to_shut_down(written: Object) -> Iterator[Problem]:
    modes = written["shutdown_mode"]
    for index, mode in enumerate(modes if isinstance(modes, list) else ()):
        if not isinstance(mode, Unknown) and mode not in _MODES:
            detail = f'A guest is asked by its "agent", or by "acpi" as by the power button; got: "{mode}".'
            yield Problem(("shutdown_mode", index), error("Unknown way to shut down", detail))


def _events(written: Object) -> Iterator[Problem]:
    if written["on_poweroff"] == "restart" and written["on_reboot"] == "destroy":
        detail = (
            "QEMU has no guest that is started again when it shuts down, and powered off when it reboots. Leave one of "
            "on_poweroff and on_reboot out."
        )
        yield Problem(("on_poweroff",), error("Events that exclude each other", detail))


LIFE_RULES = (_ways_to_shut_down, _events, at_least("shutdown_timeout", 0))
"""The rules."""
