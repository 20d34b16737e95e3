"""The record of what was made: objects by address, and outputs.

What is recorded of one object is a frozen :class:`InstanceState`; a :class:`State` holds
them all. Attributes and output values are plain data, as :mod:`kvmform.values.plain` has it,
wholly known; a number that no float holds exactly is a `decimal.Decimal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from kvmform.address import InstanceAddress, ResourceAddress
from kvmform.struct import Struct, field
from kvmform.values.plain import Path, Plain
from kvmform.values.types import Type

__all__ = [
    "TERRAFORM_VERSION",
    "InstanceState",
    "OutputValue",
    "State",
    "Status",
]

TERRAFORM_VERSION = "1.11.4"
"""The Terraform whose state a new state is written as."""


class Status(StrEnum):
    """How far an object can be trusted."""

    OK = "ok"
    TAINTED = "tainted"
    """Made, but not as it should be: to be replaced."""
    CREATING = "creating"
    """Its creation did not end: some of it may exist, and the next run continues."""


class InstanceState(Struct, kw_only=True):
    """What is recorded of one object.

    `provider` is in Terraform's form, with the alias if it has one:
    ``provider["registry.terraform.io/dmacvicar/libvirt"].east``. `generation` counts the
    replacements of this instance. `deposed` is the key of an object that another has taken
    the place of and that is still to be deleted; it is empty for the current object. `seed`
    is what the object's identity is derived from in place of its address, or empty: one that
    was moved keeps its identity.
    `made` and `settled` are turns (see StateStore.turn): that in which the object was made, and
    the last in which it was brought in line with what it refers to. What was made in a later
    turn than its user was settled took the place of another that the user may still hold.
    """

    address: InstanceAddress
    provider: str
    attributes: dict[str, Plain]
    schema_version: int = 0
    sensitive: frozenset[Path] = frozenset()
    status: Status = Status.OK
    generation: int = 0
    seed: str = ""
    made: int = 0
    settled: int = 0
    dependencies: tuple[str, ...] = ()
    """Addresses of the resources (not instances) that must outlive this object."""
    create_before_destroy: bool = False
    deposed: str = ""
    private: bytes = b""
    """A provider's own data, kept for it; ours is in `generation` and `status`."""
    foreign: Mapping[str, Plain] = field(default_factory=dict)
    """What else the file says of it that is unknown here."""


class OutputValue(Struct):
    """An output value of the root module."""

    value: Plain
    type: Type
    sensitive: bool = False
    foreign: Mapping[str, Plain] = field(default_factory=dict)


class State(Struct, frozen=False):
    """All that is recorded, of one lineage; `serial` grows by one with each version of it.

    Changed in one place only, the :class:`~kvmform.state.store.StateStore`; all others read.
    """

    lineage: str
    serial: int = 0
    terraform_version: str = TERRAFORM_VERSION
    instances: dict[InstanceAddress, InstanceState] = field(default_factory=dict)
    """The current object of each instance."""
    deposed: dict[tuple[InstanceAddress, str], InstanceState] = field(default_factory=dict)
    """Objects that are still to be deleted, by address and deposed key."""
    outputs: dict[str, OutputValue] = field(default_factory=dict)
    check_results: Plain = None
    """Terraform's record of conditions, as it stands in the file."""
    foreign: dict[str, Plain] = field(default_factory=dict)
    resource_foreign: dict[ResourceAddress, dict[str, Plain]] = field(default_factory=dict)
    """What the file says at its top, and of resources, that is unknown here."""

    def put(self, instance: InstanceState) -> None:
        """Record an object in place of what was recorded before."""
        if instance.deposed:
            self.deposed[instance.address, instance.deposed] = instance
        else:
            self.instances[instance.address] = instance

    def get(self, address: InstanceAddress, deposed: str = "") -> InstanceState | None:
        """What is recorded of an object, if anything."""
        return self.deposed.get((address, deposed)) if deposed else self.instances.get(address)

    def drop(self, address: InstanceAddress, deposed: str = "") -> None:
        """Forget an object; one that is not recorded is forgotten already."""
        if deposed:
            self.deposed.pop((address, deposed), None)
        else:
            self.instances.pop(address, None)

    def objects(self) -> list[InstanceState]:
        """Every object in the natural order of addresses, deposed ones behind the current one."""
        everything = [*self.instances.values(), *self.deposed.values()]
        return sorted(everything, key=lambda instance: (instance.address.sort_key(), instance.deposed))

    def copy(self) -> State:
        """A state that later changes to this one do not reach."""
        return State(
            lineage=self.lineage,
            serial=self.serial,
            terraform_version=self.terraform_version,
            instances=dict(self.instances),
            deposed=dict(self.deposed),
            outputs=dict(self.outputs),
            check_results=self.check_results,
            foreign=dict(self.foreign),
            resource_foreign=dict(self.resource_foreign),
        )
