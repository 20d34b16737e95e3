"""Who the guest takes itself for: what its image has of another machine is made its own, over the guest agent.

That is done once, when the guest first runs. It is what `virt-sysprep` does to an image that is off;
a guest does it to itself, on whichever host it is, and kvmform need not open its image.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from kvmform.diagnostics import DiagnosticError, error
from kvmform.host.addresses import Leases
from kvmform.host.agent import AGENT_CHANNEL, run_in_guest
from kvmform.host.host import Host
from kvmform.resources.domain.life.power import shut_down, start, start_timeout
from kvmform.resources.domain.policies import idle_effect, needs_boot
from kvmform.resources.domain.readiness.probes import probe_agent
from kvmform.resources.domain.rows import text
from kvmform.schema import Block, Check, Disruption, EditContext, Effect, Object, Operation, Plain, Problem, Row
from kvmform.schema.rules import each, matching
from kvmform.values.model import Unknown
from kvmform.values.types import BOOL

__all__ = ["IDENTITY_RESET", "IDENTITY_RULES", "check_identity", "promised_identity", "reset_identity", "started_anew"]

_LOOK_AGAIN_SECONDS = 0.5
_MOST_SECONDS = 120
"""How long the guest may take to make its keys."""

_SCRIPT = """\
set -e
name=$1 machine_id=$2 keys=$3
if [ -n "$name" ]; then
    old=$(cat /proc/sys/kernel/hostname)
    echo "$name" > /etc/hostname
    if [ -f /etc/hosts ]; then
        sed "/^127\\.0\\.1\\.1[[:blank:]]/s/[[:blank:]].*/\\t$name/" /etc/hosts > /etc/hosts.new
        cat /etc/hosts.new > /etc/hosts
        rm /etc/hosts.new
    fi
    hostnamectl set-hostname "$name" 2> /dev/null || echo "$name" > /proc/sys/kernel/hostname
fi
if [ "$machine_id" = yes ]; then
    rm -f /etc/machine-id /var/lib/dbus/machine-id /var/lib/systemd/random-seed
    systemd-machine-id-setup > /dev/null 2>&1 || tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id
    [ ! -d /var/lib/dbus ] || ln -s /etc/machine-id /var/lib/dbus/machine-id
    rm -f /var/lib/dhcp/*.lease* /var/lib/dhclient/*.lease* /var/lib/NetworkManager/*.lease* /run/systemd/netif/leases/*
fi
if [ "$keys" = yes ]; then
    rm -f /etc/ssh/ssh_host_*key /etc/ssh/ssh_host_*key.pub /etc/dropbear/dropbear_*_host_key
    if command -v ssh-keygen > /dev/null && [ -d /etc/ssh ]; then ssh-keygen -A > /dev/null; fi
    systemctl try-restart ssh.service sshd.service 2> /dev/null || true
fi
sync
"""
"""For any guest with a shell. Its arguments: a name, or nothing; `yes` for another machine id, and for other keys."""


def _reset(context: EditContext) -> Effect:
    """`live`, over the guest agent; `reboot` of a running guest for another machine id."""
    if not context.edit.after or idle_effect(context) is not None or not _wants_machine_id(context.after):
        return Effect(Disruption.LIVE)
    return needs_boot(context, "what runs in the guest has read its machine id already")


IDENTITY_RESET: dict[str, Row | Block] = {
    "identity": Block(
        doc="What the guest makes its own when it first runs, where its image was that of another machine. It needs "
        "the guest agent, which has to be allowed to run programs. Guests with cloud-init are better given a seed.",
        max_items=1,
        change=Disruption.NONE,
        rows={
            "hostname": text("The name that it gives itself.", Disruption.NONE),
            "machine_id": Row(
                type=BOOL,
                change=Disruption.NONE,
                doc="Whether it makes another `/etc/machine-id`, and forgets its DHCP leases; it is then rebooted.",
            ),
            "ssh_host_keys": Row(
                type=BOOL, change=Disruption.NONE, doc="Whether it makes other host keys for its ssh server."
            ),
        },
    ),
    "identity_reset": Row(
        type=BOOL,
        computed=True,
        read_only=True,
        change=_reset,
        doc="Whether the guest has made its own what `identity` says; false until it first runs.",
    ),
}
"""The rows, in the order in which one thinks of them."""

IDENTITY_RULES = (
    each(
        "identity",
        matching(
            "hostname",
            r"(?=.{1,64}$)[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*",
            "a host's name: letters, digits and hyphens, in labels that are parted by points, 64 characters at most",
        ),
    ),
)


def _wants_machine_id(domain: Object) -> bool:
    return any(identity["machine_id"] is True for identity in domain["identity"] or ())


def promised_identity(planned: Object, observed: Object | None) -> Plain:
    """`identity_reset` as it will be: once done it is done; what is to be done is, when the guest runs."""
    done = observed["identity_reset"] if observed is not None else None
    if done is True or (isinstance(planned["identity"], list) and not planned["identity"]):
        return done
    if any(isinstance(planned[name], Unknown) for name in ("identity", "running", "paused")):
        return Unknown(BOOL)
    return planned["running"] is True and planned["paused"] is not True


def check_identity(check: Check[Host]) -> Iterator[Problem]:
    """The guest can be reached by its agent."""
    planned = check.planned
    is_written = any(channel["target_name"] == AGENT_CHANNEL for channel in planned["channel"] or ())
    if planned["identity"] and planned["guest_agent_channel"] is False and not is_written:
        detail = (
            "What the guest makes its own it is told over the guest agent, and guest_agent_channel = false takes the "
            "channel to that away. Leave it out."
        )
        yield Problem(("identity",), error("No channel to the guest agent", detail))


def reset_identity(operation: Operation[Host], planned: Object) -> None:
    """Have the running guest make its own what `identity` says.

    Raises:
        DiagnosticError: its agent doesn't answer in time, may not run programs, or one fails; StoppedError.
    """
    host, uuid = operation.host, planned["id"]
    if host.is_simulated:
        return
    _wait_for_agent(operation, planned)
    operation.progress("giving the guest an identity of its own", None, None)
    wanted: Object = planned["identity"][0]
    flags = ["yes" if wanted[name] else "" for name in ("machine_id", "ssh_host_keys")]
    arguments = ["-c", _SCRIPT, "sh", wanted["hostname"] or "", *flags]
    status, printed = run_in_guest(host, uuid, "/bin/sh", arguments, _MOST_SECONDS)
    if status != 0:
        raise DiagnosticError.of(
            "The guest has no identity of its own",
            f"What kvmform had it run over its agent ended with status {status}: {printed.strip() or 'no output'}. "
            "The next apply tries again. Take the identity block out to have the guest as its image is.",
        )


def _wait_for_agent(operation: Operation[Host], planned: Object) -> None:
    operation.progress("waiting for the guest agent", None, None)
    limit = start_timeout(planned)
    deadline = time.monotonic() + limit
    while reason := probe_agent(operation.host, planned["id"]):
        if time.monotonic() > deadline:
            raise DiagnosticError.of(
                "The guest agent does not answer",
                f'The guest "{planned["name"]}" is to make its own what `identity` says, and is told so over '
                f"qemu-guest-agent, which did not answer within {limit:g} s: {reason} Is it installed in the image? "
                "The domain is recorded, and the next apply tries again.",
            )
        if operation.stop.wait(_LOOK_AGAIN_SECONDS):
            raise DiagnosticError.of("Stopped", "It was waited for the guest agent. The next apply goes on.")


def started_anew(operation: Operation[Host], planned: Object, before: Leases) -> Leases:
    """Have a guest that was just started make its own what `identity` says, and reboot it if it needs that.

    Returns:
        The leases that count no more.
    """
    reset_identity(operation, planned)
    if not _wants_machine_id(planned) or operation.host.is_simulated:
        return before
    shut_down(operation, planned)
    return start(operation, planned["id"])
