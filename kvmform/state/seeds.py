"""What identities are derived from: an object's address, or another seed where that is the seed of another object."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from kvmform.address import InstanceAddress
from kvmform.state.model import InstanceState

__all__ = ["another_seed", "fresh_seed", "taken_seeds"]


def taken_seeds(instances: Iterable[InstanceState], deposed: Iterable[InstanceState]) -> frozenset[str]:
    """The seeds of objects that have moved since they were made, or that others have taken the place of."""
    moved = (each.seed for each in instances if each.seed)
    return frozenset((*moved, *(each.seed or str(each.address) for each in deposed)))


def fresh_seed(address: InstanceAddress, taken: frozenset[str]) -> str:
    """The seed of a new object, empty where that is its address."""
    return another_seed(address, taken) if str(address) in taken else ""


def another_seed(address: InstanceAddress, taken: frozenset[str]) -> str:
    """The seed of an object that stands beside another one of its address."""
    return next(seed for n in count(2) if (seed := f"{address}#{n}") not in taken)
