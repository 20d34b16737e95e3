"""What the journal tells: one record for each thing that is about to happen or has happened.

Applying the records to a state in order gives the state that they lead to. The store
applies each one as it writes it, and a later run applies them again after a crash: it is the
same code, so what was in memory and what is found afterwards agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kvmform.address import InstanceAddress
from kvmform.state.model import InstanceState, OutputValue, State, Status
from kvmform.struct import Struct, replace
from kvmform.values.model import Unknown
from kvmform.values.plain import Plain

__all__ = [
    "Checked",
    "Creating",
    "Deleting",
    "Deposed",
    "Done",
    "Folding",
    "Intent",
    "Moved",
    "OutputsSet",
    "Record",
    "Recorded",
    "Removed",
    "Restored",
    "Updating",
    "apply_record",
    "fold",
    "known",
    "moved_instances",
    "restore_unreplaced",
]


class Creating(Struct):
    """An object is about to be made; until it is done it counts as being created."""

    instance: InstanceState


class Updating(Struct):
    """An object is about to be changed; until that is done it stays as recorded."""

    address: InstanceAddress


class Deleting(Struct):
    """An object is about to be deleted; until that is done it stays as recorded."""

    address: InstanceAddress
    deposed: str = ""


class Recorded(Struct):
    """What exists so far of an object that is being made or changed."""

    address: InstanceAddress
    attributes: dict[str, Plain]


class Done(Struct):
    """Objects are as told here: made, changed, imported or read again."""

    instances: tuple[InstanceState, ...]


class Removed(Struct):
    """An object is gone, or is no longer ours."""

    address: InstanceAddress
    deposed: str = ""


class Deposed(Struct):
    """The current object makes room for another, and is to be deleted later."""

    address: InstanceAddress
    deposed: str


class Restored(Struct):
    """A deposed object is the current one again, since nothing came in its place."""

    address: InstanceAddress
    deposed: str


class Moved(Struct):
    """Instances have other addresses now, as (before, after); all of them at once."""

    pairs: tuple[tuple[InstanceAddress, InstanceAddress], ...]


class OutputsSet(Struct):
    """These are the output values, and there are no others."""

    outputs: dict[str, OutputValue]


class Checked(Struct):
    """The outcome of the conditions, in the form of Terraform's state file."""

    results: Plain


class Folding(Struct):
    """The state is about to be written with all that was told so far, under this serial."""

    serial: int


Intent = Creating | Updating | Deleting
Record = Intent | Recorded | Done | Removed | Deposed | Restored | Moved | OutputsSet | Checked | Folding


def fold(state: State, records: Iterable[Record]) -> tuple[Intent, ...]:
    """Bring a state to where the records lead; what is returned was begun and did not end."""
    begun: dict[tuple[InstanceAddress, str], Intent] = {}
    for record in records:
        apply_record(state, record)
        match record:
            case Creating(instance):
                begun[instance.address, ""] = record
            case Updating(address):
                begun[address, ""] = record
            case Deleting(address, deposed) | Removed(address, deposed):
                begun.pop((address, deposed), None)
                if isinstance(record, Deleting):
                    begun[address, deposed] = record
            case Done(instances):
                for instance in instances:
                    begun.pop((instance.address, instance.deposed), None)
    return tuple(begun.values())


def restore_unreplaced(state: State, records: Iterable[Record]) -> None:
    """Make objects current again that made room for others, where the run was killed before any of those was begun."""
    for record in records:
        if isinstance(record, Deposed) and record.address not in state.instances:
            _rename(state, record.address, record.deposed, "")


def apply_record(state: State, record: Record) -> None:
    """Change a state as one record says."""
    match record:
        case Creating(instance):
            state.put(_being_created(instance, state.get(instance.address)))
        case Recorded(address, attributes):
            _add_attributes(state, address, attributes)
        case Done(instances):
            for instance in instances:
                state.put(instance)
        case Removed(address, deposed):
            state.drop(address, deposed)
        case Deposed(address, deposed):
            _rename(state, address, "", deposed)
        case Restored(address, deposed):
            _rename(state, address, deposed, "")
        case Moved(pairs):
            _move(state, dict(pairs))
        case OutputsSet(outputs):
            state.outputs = dict(outputs)
        case Checked(results):
            state.check_results = results
        case Updating() | Deleting() | Folding():
            pass


def known(value: Plain) -> Plain:
    """Plain data with null in place of what is not known yet."""
    match value:
        case dict():
            return {name: known(item) for name, item in value.items()}
        case list():
            return [known(item) for item in value]
        case Unknown():
            return None
    return value


def _being_created(instance: InstanceState, before: InstanceState | None) -> InstanceState:
    attributes: dict[str, Plain] = known(instance.attributes)
    if before is not None and before.status is Status.CREATING and before.generation == instance.generation:
        # The creation goes on: what it has found out already (an id) must not be lost.
        attributes = {**before.attributes, **{name: value for name, value in attributes.items() if value is not None}}
    return replace(instance, attributes=attributes, status=Status.CREATING)


def _add_attributes(state: State, address: InstanceAddress, attributes: dict[str, Plain]) -> None:
    instance = state.get(address)
    if instance is not None:
        state.put(replace(instance, attributes={**instance.attributes, **known(attributes)}))


def _rename(state: State, address: InstanceAddress, before: str, after: str) -> None:
    instance = state.get(address, before)
    if instance is not None:
        state.drop(address, before)
        state.put(replace(instance, deposed=after))


def moved_instances(
    instances: Iterable[InstanceState], targets: Mapping[InstanceAddress, InstanceAddress]
) -> Iterator[InstanceState]:
    """Objects at their new addresses, each with the identity that it has; and those that depend on them.

    `targets` has the new address for each old one.
    """
    resources: dict[str, dict[str, None]] = {}
    for before, after in targets.items():
        resources.setdefault(str(before.resource), {})[str(after.resource)] = None
    for instance in instances:
        target = targets.get(instance.address)
        named = instance.dependencies
        if not resources.keys().isdisjoint(named):
            named = tuple(sorted({new for old in named for new in resources.get(old, {old: None})}))
        if target is None:
            yield instance if named == instance.dependencies else replace(instance, dependencies=named)
        else:
            seed = instance.seed or str(instance.address)
            seed = "" if seed == str(target) else seed
            yield replace(instance, address=target, dependencies=named, seed=seed)


def _move(state: State, targets: dict[InstanceAddress, InstanceAddress]) -> None:
    everything = [*moved_instances((*state.instances.values(), *state.deposed.values()), targets)]
    state.instances, state.deposed = {}, {}
    for instance in everything:
        state.put(instance)
