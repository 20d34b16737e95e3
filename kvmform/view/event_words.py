"""The words for what happens while applying: one place for text and JSON."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.address import InstanceAddress
from kvmform.plan.change import Verb

__all__ = ["ACTIONS", "DOING", "DONE", "amount_text", "bytes_text", "duration_text", "waiting_text"]

DOING = {
    Verb.CREATE: "Creating",
    Verb.READ: "Reading",
    Verb.UPDATE: "Modifying",
    Verb.DELETE: "Destroying",
    Verb.FORGET: "Forgetting",
    Verb.IMPORT: "Importing",
}
"""What a step does, as it begins."""

DONE = {
    Verb.CREATE: "Creation complete",
    Verb.READ: "Read complete",
    Verb.UPDATE: "Modifications complete",
    Verb.DELETE: "Destruction complete",
    Verb.FORGET: "Forgotten",
    Verb.IMPORT: "Import complete",
}

ACTIONS = {
    Verb.CREATE: "create",
    Verb.READ: "read",
    Verb.UPDATE: "update",
    Verb.DELETE: "delete",
    Verb.FORGET: "forget",
    Verb.IMPORT: "import",
}


def duration_text(seconds: float) -> str:
    """A duration in words as Terraform has them: `4s`, `1m10s`."""
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def bytes_text(count: float) -> str:
    """A number of bytes with a binary unit: `12.5 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.0f} B"


def amount_text(done: int | None, total: int | None, rate: float | None) -> str:
    """How far bytes have come: `1.2 GiB of 4.0 GiB, 30 %, 61.4 MiB/s`; empty where there are none."""
    if done is None:
        return ""
    parts = [bytes_text(done)]
    if total:
        parts = [f"{bytes_text(done)} of {bytes_text(total)}", f"{100 * done // total} %"]
    if rate is not None:
        parts.append(f"{bytes_text(rate)}/s")
    return ", ".join(parts)


def waiting_text(waiting: Sequence[InstanceAddress]) -> str:
    """Who waits for a step, in few words: `libvirt_domain.a and 3 more wait for it`; empty if nobody does."""
    if not waiting:
        return ""
    first, *others = waiting
    return f"{first} and {len(others)} more wait for it" if others else f"{first} waits for it"
