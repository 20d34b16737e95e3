"""What becomes of a domain whose seed has changed: the argument `on_seed_change`."""

from __future__ import annotations

from kvmform.resources.domain.policies import idle_effect
from kvmform.resources.volume_types import SEED_TYPES
from kvmform.schema import Disruption, EditContext, Effect, Object, Plain, Proposal
from kvmform.values.model import Unknown

__all__ = ["CHOICES", "NEXT_BOOT", "kept_seeds", "seed_edited"]

NEXT_BOOT = "next-boot"
REBOOT, REPLACE, IGNORE = "reboot", "replace", "ignore"
CHOICES = (NEXT_BOOT, REBOOT, REPLACE, IGNORE)
"""Values of `on_seed_change`."""

_SEEDS = ("cloudinit", "coreos_ignition")


def seed_edited(context: EditContext) -> Effect:
    """As `on_seed_change` says: `next-boot`, `reboot`, `replace` or `none`."""
    choice = context.after.get("on_seed_change")
    if choice == REPLACE:
        return Effect(Disruption.REPLACE, "on_seed_change makes the domain anew")
    idle = idle_effect(context)
    if idle is not None:
        return idle
    if choice == REBOOT:
        return Effect(Disruption.REBOOT, "the guest reads it when it boots, and on_seed_change reboots it")
    return Effect(Disruption.NEXT_BOOT, "the guest reads it when it boots")


def kept_seeds(proposal: Proposal) -> Object:
    """The seeds that stay as they are, since a change of them is to be ignored.

    One whose volume goes is not among them: without it the guest could not be started any more.
    """
    observed = proposal.observed
    if observed is None or proposal.planned["on_seed_change"] != IGNORE:
        return {}
    known = {name: observed.object[name] for name in _SEEDS}
    return {name: seed for name, seed in known.items() if seed and proposal.planned[name] and _stays(proposal, seed)}


def _stays(proposal: Proposal, seed: str) -> bool:
    """Whether the volume of a seed will still be there; what has no revision in its id is a file of the user's own."""
    key, revised, _ = seed.partition(";")
    return not revised or any(_key(other["id"]) == key for kind in SEED_TYPES for other in proposal.others(kind))


def _key(identity: Plain) -> str:
    text = identity.prefix if isinstance(identity, Unknown) else identity
    return str(text or "").partition(";")[0]
