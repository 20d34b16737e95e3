"""The order of a plan's steps: what has to be done before what.

* Making or changing something waits for what its expressions read.
* Deleting something waits until all that used it is deleted, or changed not to use it.
* A replacement deletes first; so everything that uses the old object goes before it.
* An object whose name another one frees waits for that to be deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kvmform.address import InstanceAddress, ResourceAddress
from kvmform.plan.change import Action, Change, Step, Verb

__all__ = ["Dependencies", "order_steps"]

Read = InstanceAddress | ResourceAddress

_FORWARD = {
    Action.CREATE: Verb.CREATE,
    Action.REPLACE: Verb.CREATE,
    Action.UPDATE: Verb.UPDATE,
    Action.READ: Verb.READ,
}


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What is known of who uses whom.

    `reads`: what each instance's expressions read now. `recorded`: the resources that each
    instance depended on when it was last applied, from state.
    """

    reads: Mapping[InstanceAddress, Iterable[Read]]
    recorded: Mapping[InstanceAddress, Iterable[str]]


@dataclass(slots=True)
class _Draft:
    """Steps in the making: what each needs, by number."""

    verbs: list[tuple[Verb, str]] = field(default_factory=list)
    needs: list[set[int]] = field(default_factory=list)

    def add(self, verb: Verb, address: str) -> int:
        """A new step; its number."""
        self.verbs.append((verb, address))
        self.needs.append(set())
        return len(self.verbs) - 1


def order_steps(changes: Iterable[Change], dependencies: Dependencies) -> tuple[Step, ...]:
    """The steps that carry out the changes, each with those that it needs."""
    acting = [change for change in changes if change.action is not Action.NO_OP]
    draft = _Draft()
    forward: dict[InstanceAddress, int] = {}
    backward: dict[InstanceAddress, int] = {}
    for change in acting:
        text = str(change.address)
        if change.action in {Action.DELETE, Action.REPLACE}:
            backward[change.address] = draft.add(Verb.DELETE, text)
        if change.action is Action.FORGET:
            backward[change.address] = draft.add(Verb.FORGET, text)
        if change.action in _FORWARD:
            forward[change.address] = draft.add(_FORWARD[change.action], text)
            if change.address in backward:
                draft.needs[forward[change.address]].add(backward[change.address])
    _order_forward(draft, forward, dependencies)
    freed = _order_names(draft, acting, forward, backward)
    _order_backward(draft, acting, forward, backward, dependencies, freed)
    return tuple(
        Step(number, verb, address, tuple(sorted(draft.needs[number])))
        for number, (verb, address) in enumerate(draft.verbs)
    )


def _order_forward(draft: _Draft, forward: Mapping[InstanceAddress, int], dependencies: Dependencies) -> None:
    whole: dict[ResourceAddress, int] = {}
    by_resource: dict[ResourceAddress, list[int]] = {}
    for address, number in forward.items():
        by_resource.setdefault(address.resource, []).append(number)
    for address, number in forward.items():
        for read in dependencies.reads.get(address, ()):
            if isinstance(read, InstanceAddress):
                if read in forward and read != address:
                    draft.needs[number].add(forward[read])
            elif read in by_resource and read != address.resource:
                if read not in whole:
                    whole[read] = draft.add(Verb.JOIN, str(read))
                    draft.needs[whole[read]].update(by_resource[read])
                draft.needs[number].add(whole[read])


def _order_names(
    draft: _Draft,
    acting: Iterable[Change],
    forward: Mapping[InstanceAddress, int],
    backward: Mapping[InstanceAddress, int],
) -> set[InstanceAddress]:
    """Let a new object wait for the old one whose name it takes; returns those old ones."""
    names = {_name(c.address, c.before): c.address for c in acting if c.action is Action.DELETE and c.before}
    freed = set()
    for change in acting:
        taken = names.get(_name(change.address, change.after)) if change.after else None
        if taken is not None and change.address in forward and taken != change.address:
            draft.needs[forward[change.address]].add(backward[taken])
            freed.add(taken)
    return freed


def _name(address: InstanceAddress, values: Mapping[str, object] | None) -> tuple[str, ...]:
    assert values is not None
    return (address.type, *(str(values.get(key)) for key in ("name", "pool", "domain_id")))


def _order_backward(
    draft: _Draft,
    acting: Iterable[Change],
    forward: Mapping[InstanceAddress, int],
    backward: Mapping[InstanceAddress, int],
    dependencies: Dependencies,
    freed: set[InstanceAddress],
) -> None:
    deleted_users: dict[str, set[int]] = {}
    updated_users: dict[str, set[int]] = {}
    for address, used in dependencies.recorded.items():
        for resource in used:
            if resource == str(address.resource):
                continue
            if address in backward:
                deleted_users.setdefault(resource, set()).add(backward[address])
            elif address in forward:
                updated_users.setdefault(resource, set()).add(forward[address])
    joins: dict[tuple[str, bool], int] = {}
    for change in acting:
        if change.address not in backward:
            continue
        resource, number = str(change.address.resource), backward[change.address]
        groups = [(False, deleted_users)]
        if change.action is Action.DELETE and change.address not in freed:
            groups.append((True, updated_users))
        for updated, users in groups:
            if resource not in users:
                continue
            if (resource, updated) not in joins:
                joins[resource, updated] = draft.add(Verb.JOIN, resource)
                draft.needs[joins[resource, updated]].update(users[resource])
            draft.needs[number].add(joins[resource, updated])
