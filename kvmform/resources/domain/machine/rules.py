"""What has to be so in a domain's configuration of its machine: the ranges that libvirt takes."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.schema import Object, Problem, Rule
from kvmform.schema.rules import at_least, at_most, each, whole

__all__ = ["MACHINE_RULES"]

_KINDS = ("", "global_", "emulator_", "iothread_")
_LEAST_QUOTA = 1000


def _between(name: str, least: int, most: int) -> tuple[Rule, ...]:
    return whole(name), at_least(name, least), at_most(name, most)


def _quota(name: str) -> Rule:
    """Any negative number lifts a quota."""

    def rule(written: Object) -> Iterator[Problem]:
        value = written[name]
        if isinstance(value, int) and 0 <= value < _LEAST_QUOTA:
            detail = f"Attribute {name} value must be at least {_LEAST_QUOTA}, or negative for all; got: {value}."
            yield Problem((name,), error("Invalid Attribute Value", detail))

    return rule


MACHINE_RULES: tuple[Rule, ...] = (
    each(
        "cputune",
        *_between("shares", 2, 262144),
        *(rule for kind in _KINDS for rule in _between(f"{kind}period", 1000, 1000000)),
        *(_quota(f"{kind}quota") for kind in _KINDS),
    ),
    each("blkiotune", *_between("weight", 10, 1000)),
    each("features", each("hyperv", *_between("spinlocks", 4095, 2**32 - 1))),
    each("boot_menu", *_between("timeout", 0, 65535)),
    each("bios", *_between("reboot_timeout", -1, 65535)),
    each("cpu", each("topology", *(at_least(name, 1) for name in ("sockets", "dies", "cores", "threads")))),
)
"""The rules. Sources: libvirt's virDomainCputuneDef, virDomainBlkiotuneDef and their parsers."""
