"""The table of what a guest is waited for."""

from __future__ import annotations

from kvmform.resources.domain.rows import text
from kvmform.schema import Block, Disruption, Row
from kvmform.values.types import BOOL, NUMBER, STRING

__all__ = ["BY_NETWORK", "READINESS", "TYPES"]

BY_NETWORK = ("ssh", "tcp", "http")
"""Kinds of waits that reach for the guest from this machine."""

TYPES = ("address", "agent", "cloud_init", "console", *BY_NETWORK)
"""What can be waited for."""

READINESS: dict[str, Row | Block] = {
    "wait_for": Block(
        doc="What has to come true before the guest counts as started; all of them are waited for at once.",
        match=(("type", "port", "pattern", "path", "address"), ("type",)),
        change=Disruption.NONE,
        rows={
            "type": Row(
                type=STRING,
                required=True,
                change=Disruption.NONE,
                doc="`address`: an interface has one; `ssh`: a server says its name; `tcp`: a port is open; `http`: a "
                "page is served; `agent`: the guest agent answers; `cloud_init`: it is done; `console`: something is "
                "printed there.",
            ),
            "port": Row(
                type=NUMBER,
                change=Disruption.NONE,
                doc="Port of the guest, for `tcp`, `ssh` (22 if unset) and `http` (80 if unset).",
            ),
            "path": text("What page to ask for, for `http`; `/` if unset.", Disruption.NONE),
            "pattern": text("What to look for on the console: a regular expression as in `regex`.", Disruption.NONE),
            "address": text(
                "Where to reach the guest, for `ssh`, `tcp` and `http`; any address that becomes known if unset.",
                Disruption.NONE,
            ),
            "timeout": text("How long to wait; as long as `timeouts` says if unset.", Disruption.NONE),
        },
    ),
    "ready": Row(
        type=BOOL,
        computed=True,
        read_only=True,
        change=Disruption.NONE,
        doc="Whether all that is waited for came true; false after it did not, and then the next apply waits again.",
    ),
}
"""The rows, in the order in which one thinks of them."""
