"""The order of a plan's steps: what has to be done before what.

* Making, changing or reading something waits for what its expressions read. What it reads
  may be left as it is, and read in turn something that isn't: that is waited for too.
* It also waits for what it names without reading it, unless that waits for it.
* Deleting something waits until all that used it is deleted.
* A replacement deletes first; so what uses the old object and goes too, goes before it.
  With `create_before_destroy` it makes first, and the old object waits for those that used it.
* An object whose name (or path, or the like) another one has waits for that to be deleted, or changed to have another;
  of two that give each other what they have, one is first.
* Deleting something waits for those that used it and are changed not to use it any more;
  unless they wait for that very deletion themselves.
* What stands in one line (the snapshots of a domain, and the domain) is dealt with one after the other: deletions
  first, from the end of the line; then the rest, in the order of the configuration.

The last two rules give way too, so there is never a cycle: what is made waits for what is deleted,
and not the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from kvmform.address import InstanceAddress, ResourceAddress
from kvmform.config.memo import Read
from kvmform.plan.change import Action, Change, Step, Verb
from kvmform.schema import Claim, Object
from kvmform.struct import Struct, field

__all__ = ["ClaimsOf", "Dependencies", "LineOf", "order_steps"]

_FORWARD = {
    Action.CREATE: Verb.CREATE,
    Action.REPLACE: Verb.CREATE,
    Action.UPDATE: Verb.UPDATE,
    Action.READ: Verb.READ,
}
_BACKWARD = {
    Action.DELETE: Verb.DELETE,
    Action.REPLACE: Verb.DELETE,
    Action.FORGET: Verb.FORGET,
}


class Dependencies(Struct):
    """What is known of who uses whom.

    `reads`: what each instance's expressions read now; instances come after those that they
    read. `recorded`: the resources that each instance depended on when it was last applied,
    from state. `named`: the instances that each one names in plain text.
    """

    reads: Mapping[InstanceAddress, Iterable[Read]]
    recorded: Mapping[InstanceAddress, Iterable[str]]
    named: Mapping[InstanceAddress, Iterable[InstanceAddress]] = field(default_factory=dict)


ClaimsOf = Callable[[str, Object], Iterable[Claim]]
"""What an object of a type, whose values may be `Unknown`, has for itself alone on its host."""


LineOf = Callable[[str, Object], Claim | None]
"""What an object of a type shares with those that are dealt with before or after it; see `ResourceType.line`."""


def _in_no_line(_kind: str, _found: Object) -> Claim | None:
    return None


def order_steps(
    changes: Iterable[Change],
    dependencies: Dependencies,
    claims_of: ClaimsOf,
    line_of: LineOf = _in_no_line,
    needs_of: ClaimsOf | None = None,
) -> tuple[Step, ...]:
    """The steps that carry out the changes, each with those that it needs.

    `needs_of` tells which claims must be free for an object, where these are not simply its own.
    """
    acting = [change for change in changes if not change.is_idle]
    draft = _Draft()
    for change in acting:
        draft.add_change(change)
    _wait_for_reads(draft, dependencies.reads)
    _wait_for_named(draft, dependencies.named)
    _wait_for_claims(draft, acting, claims_of, needs_of or claims_of)
    _wait_for_successors(draft)
    _wait_for_users(draft, dependencies.recorded)
    _wait_in_line(draft, acting, dependencies.reads, line_of)
    return draft.steps()


class _Draft(Struct, frozen=False):
    """Steps in the making: what each needs, by number."""

    verbs: list[tuple[Verb, str]] = field(default_factory=list)
    needs: list[set[int]] = field(default_factory=list)
    needed_by: list[set[int]] = field(default_factory=list)
    forward: dict[InstanceAddress, int] = field(default_factory=dict)
    """The step that makes, changes or reads an instance."""
    backward: dict[InstanceAddress, int] = field(default_factory=dict)
    """The step that deletes or forgets one."""
    lasting: set[InstanceAddress] = field(default_factory=set)
    """Instances whose old object stays until the new one is there."""
    deposed: list[tuple[Change, int]] = field(default_factory=list)
    """Steps that delete objects which others have taken the place of already."""

    def add(self, verb: Verb, address: str, needs: Iterable[int] = ()) -> int:
        """A new step; its number."""
        self.verbs.append((verb, address))
        self.needs.append(set())
        self.needed_by.append(set())
        number = len(self.verbs) - 1
        self.require(number, needs)
        return number

    def add_change(self, change: Change) -> None:
        """The steps of a change: a replacement has two."""
        needs: list[int] = []
        if change.importing:
            needs = [self.add(Verb.IMPORT, change.key)]
        elif change.action is Action.NO_OP:
            self.add(Verb.MOVE, change.key)
        if change.deposed:
            self.deposed.append((change, self.add(_BACKWARD[change.action], change.key)))
        elif change.new_first:
            self.forward[change.address] = self.add(Verb.CREATE, change.key, needs)
            self.backward[change.address] = self.add(Verb.DELETE, change.key, [self.forward[change.address]])
            self.lasting.add(change.address)
        else:
            self._add_steps(change, needs)

    def _add_steps(self, change: Change, needs: list[int]) -> None:
        if change.action in _BACKWARD:
            self.backward[change.address] = self.add(_BACKWARD[change.action], change.key, needs)
            needs = [self.backward[change.address]]
        if change.action in _FORWARD:
            self.forward[change.address] = self.add(_FORWARD[change.action], change.key, needs)

    def joined(self, address: str, numbers: Iterable[int]) -> set[int]:
        """One step in place of several, so that edges stay few: n users of n things have 2n, not n²."""
        needed = set(numbers)
        return needed if len(needed) < 2 else {self.add(Verb.JOIN, address, needed)}

    def require(self, number: int, needed: Iterable[int]) -> None:
        """Let a step wait for others."""
        for each in needed:
            self.needs[number].add(each)
            self.needed_by[each].add(number)

    def waiting_for(self, numbers: set[int]) -> set[int]:
        """All steps that wait for one of these, directly or through others."""
        found, waiting = set(numbers), list(numbers)
        while waiting:
            fresh = self.needed_by[waiting.pop()] - found
            found |= fresh
            waiting.extend(fresh)
        return found

    def steps(self) -> tuple[Step, ...]:
        """The finished steps."""
        return tuple(
            Step(number, verb, address, tuple(sorted(self.needs[number])))
            for number, (verb, address) in enumerate(self.verbs)
        )


def _wait_for_reads(draft: _Draft, reads: Mapping[InstanceAddress, Iterable[Read]]) -> None:
    """Let each forward step wait for those of what it reads."""
    # The steps that stand for an instance: its own, or those that its values go back to.
    standing: dict[InstanceAddress, set[int]] = {}
    by_resource: dict[ResourceAddress, list[InstanceAddress]] = {}
    whole: dict[ResourceAddress, set[int]] = {}
    for address, found in reads.items():
        needed: set[int] = set()
        for read in found:
            if isinstance(read, InstanceAddress):
                needed |= standing.get(read, set())
                continue
            if read not in whole:
                members = by_resource.get(read, ())
                whole[read] = draft.joined(str(read), (n for member in members for n in standing[member]))
            needed |= whole[read]
        by_resource.setdefault(address.resource, []).append(address)
        if address in draft.forward:
            draft.require(draft.forward[address], needed)
            standing[address] = {draft.forward[address]}
        else:
            standing[address] = draft.joined(str(address), needed)


def _wait_for_named(draft: _Draft, named: Mapping[InstanceAddress, Iterable[InstanceAddress]]) -> None:
    """Let each forward step wait for those of what it names, as far as these don't wait for it."""
    for user, others in named.items():
        forward = draft.forward.get(user)
        if forward is None:
            continue
        needed = {draft.forward[other] for other in others if other in draft.forward} - draft.needs[forward]
        if needed:
            draft.require(forward, needed - draft.waiting_for({forward}))


def _wait_for_claims(draft: _Draft, acting: Sequence[Change], claims_of: ClaimsOf, needs_of: ClaimsOf) -> None:
    """Let a new object wait for the old ones whose names, paths and the like it takes; and a changed one too."""
    deposed = {change.key: number for change, number in draft.deposed}
    # Deletions that themselves wait for something to be made.
    late = {draft.backward[address] for address in draft.lasting}
    freed: dict[Claim, int] = {}
    given_up: dict[Claim, int] = {}
    for change in acting:
        had = _claims(change, change.before, claims_of)
        if change.action in {Action.DELETE, Action.REPLACE}:
            freed |= dict.fromkeys(had, deposed[change.key] if change.deposed else draft.backward[change.address])
        elif change.action is Action.UPDATE:
            kept = set(_claims(change, change.after, claims_of))
            given_up |= dict.fromkeys((claim for claim in had if claim not in kept), draft.forward[change.address])
    for change in acting:
        if change.address in draft.forward and not change.deposed:
            forward, needed = draft.forward[change.address], list(_claims(change, change.after, needs_of))
            holders = {freed[claim] for claim in needed if claim in freed} - {draft.backward.get(change.address)}
            draft.require(forward, holders - (draft.waiting_for({forward}) if holders & late else set()))
            givers = {given_up[claim] for claim in needed if claim in given_up}
            if givers:
                draft.require(forward, givers - draft.waiting_for({forward}))


def _wait_for_successors(draft: _Draft) -> None:
    """Let an object whose place is taken stay until what takes it is there; unless that needs its name."""
    for change, number in draft.deposed:
        successor = draft.forward.get(change.address)
        if successor is not None and successor not in draft.waiting_for({number}):
            draft.require(number, [successor])


def _wait_in_line(
    draft: _Draft, acting: Sequence[Change], reads: Mapping[InstanceAddress, Iterable[Read]], line_of: LineOf
) -> None:
    """Let each of those that share a line wait for the one before it, as far as that doesn't wait for it."""
    place = {address: number for number, address in enumerate(reads)}
    ending: dict[Claim, list[int]] = {}
    going_on: dict[Claim, list[int]] = {}
    for change in sorted(acting, key=lambda change: place.get(change.address, len(place))):
        if change.deposed:
            continue
        for steps, lines, values in (
            (draft.backward, ending, change.before),
            (draft.forward, going_on, change.after),
        ):
            line = line_of(change.address.type, values) if values is not None and change.address in steps else None
            if line is not None and all(isinstance(part, str) for part in line):
                lines.setdefault((change.provider, *line), []).append(steps[change.address])
    for line in {**ending, **going_on}:
        numbers = [*reversed(ending.get(line, ())), *going_on.get(line, ())]
        for earlier, later in pairwise(numbers):
            if earlier not in draft.waiting_for({later}):
                draft.require(later, [earlier])


def _claims(change: Change, values: Object | None, claims_of: ClaimsOf) -> Iterator[Claim]:
    """An object's claims as far as they are known; each is good for one host. Who only reads it has none."""
    if values is None or change.address.resource.mode != "managed":
        return
    for claim in claims_of(change.address.type, values):
        if all(isinstance(part, str) for part in claim):
            yield (change.provider, *claim)


def _wait_for_users(draft: _Draft, recorded: Mapping[InstanceAddress, Iterable[str]]) -> None:
    """Let each deletion wait for what becomes of those that used the object."""
    doomed, ended = _deletions(draft)
    leaving: dict[str, set[int]] = {}
    changing: dict[str, set[int]] = {}
    for change, number in draft.deposed:
        for resource in doomed.keys() & set(change.dependencies) - {str(change.address.resource)}:
            leaving.setdefault(resource, set()).add(number)
    for address, used in recorded.items():
        for resource in used:
            if resource not in doomed or resource == str(address.resource):
                continue
            if address in draft.backward:
                leaving.setdefault(resource, set()).add(draft.backward[address])
            elif address in draft.forward:
                changing.setdefault(resource, set()).add(draft.forward[address])
    # Records of different times can contradict each other, so even those that leave give way.
    for resource in sorted(leaving):
        _wait_unless_waited_for(draft, resource, doomed[resource], leaving[resource])
    # A replacement comes before the change of its users, who want the new object.
    for resource in sorted(changing.keys() & ended.keys()):
        _wait_unless_waited_for(draft, resource, ended[resource], changing[resource])


def _deletions(draft: _Draft) -> tuple[dict[str, set[int]], dict[str, set[int]]]:
    """The deletions of each resource's objects; and those among them that don't come before something is made."""
    doomed: dict[str, set[int]] = {}
    ended: dict[str, set[int]] = {}
    for address, number in draft.backward.items():
        doomed.setdefault(str(address.resource), set()).add(number)
        if address not in draft.forward or address in draft.lasting:
            ended.setdefault(str(address.resource), set()).add(number)
    for change, number in draft.deposed:
        doomed.setdefault(str(change.address.resource), set()).add(number)
        ended.setdefault(str(change.address.resource), set()).add(number)
    return doomed, ended


def _wait_unless_waited_for(draft: _Draft, resource: str, deletions: set[int], users: set[int]) -> None:
    needed = draft.joined(resource, users - draft.waiting_for(deletions))
    for number in deletions:
        draft.require(number, needed)
