"""The promise of a resource type: its table and its verbs.

A resource type is a constant, made in `kvmform/resources/<type>/__init__.py`. The planner
and the executor see it only through this form, and nothing of libvirt. `HostT` is the host
that the verbs work on. A type that needs none (`needs_host=False`) works on this machine: it
gets the directory of the root module in its place, where relative paths start.

The verbs are called like this, for one instance:

* plan: `read` → (generic merge of configuration and what was read) → `propose` → diff →
  `check`. All but `propose` may look at the host; none of them changes it.
* apply: `create`, `update` or `delete`. They may be stopped at any instant and called
  again: `create` continues with its own leftovers, `delete` of what is gone is done.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Generic, TypeVar

from kvmform.diagnostics import Diagnostic, DiagnosticError
from kvmform.schema.disruption import Disruption
from kvmform.schema.identity import Identity
from kvmform.schema.row import Edit, Object, Plain, Problem, Schema
from kvmform.struct import Struct, field

__all__ = [
    "Check",
    "CheckAll",
    "Claim",
    "DataSource",
    "Observed",
    "Operation",
    "Portrait",
    "Progress",
    "Proposal",
    "Reading",
    "ResourceType",
]

HostT = TypeVar("HostT")


class Observed(Struct):
    """What `read` found: the object, and facts about it that policies need."""

    object: Object
    facts: Mapping[str, Plain] = field(default_factory=dict)
    remains: bool = False
    """Whether the object itself is not there, but what it had for itself is: `create` takes that up again."""


class Proposal(Struct):
    """What `propose` gets: one instance about to be planned. Pure: no host.

    `config`: what the user wrote, with defaults; None where nothing is written; unknown
    leaves are `Unknown`. `planned`: the generic merge of `config` with what exists (computed
    attributes keep their value; on creation they are `Unknown`).
    """

    address: str
    identity: Identity
    config: Object
    observed: Observed | None
    planned: Object
    settings: Mapping[str, Plain]
    """Provider arguments and settings that types may need (`domain_type`); `base_directory` is as in a Reading."""
    others: Callable[[str], Sequence[Object]]
    """Objects of a type on the same host, as planned so far (their dependencies are)."""


def _none_leave(_kind: str) -> Collection[Plain]:
    return ()


class Check(Struct, Generic[HostT]):
    """What `check` gets, at plan time: the outcome of the plan for one instance."""

    address: str
    host: HostT
    base_directory: FilePath
    identity: Identity
    config: Object
    observed: Observed | None
    """What exists of it; None when it will be created. For a replacement, what is replaced."""
    planned: Object
    replace: bool
    edits: Sequence[Edit]
    others: Callable[[str], Sequence[Object]]
    leaving: Callable[[str], Collection[Plain]] = _none_leave
    """Ids of the objects of a type on the same host that the plan deletes before this one is made."""


class CheckAll(Struct, Generic[HostT]):
    """What `check_all` gets, at plan time: all objects of the type on one host, as planned."""

    host: HostT
    base_directory: FilePath
    planned: Sequence[Object]
    new: Sequence[Object]
    """Those of them that the plan creates, one after the other or in the place of what is there."""


Progress = Callable[[str, int | None, int | None], None]
"""Tells how far a verb is: a few words, and bytes done and bytes in all where there are any."""


class Operation(Struct, Generic[HostT]):
    """What `create`, `update` and `delete` get beside the objects."""

    address: str
    host: HostT
    identity: Identity
    base_directory: FilePath
    """Where relative paths of the configuration start: the root module's directory."""
    settings: Mapping[str, Plain]
    progress: Progress
    record: Callable[[Object], None]
    """Journals what exists so far, before the verb goes on; survives being killed."""
    stop: threading.Event
    """Set when the user asked to stop now: long waits and copies end with an error."""
    halt: threading.Event = field(default_factory=threading.Event)
    """Set when the user first asked to stop: what is begun is finished, but a mere pause ends with an error."""
    begun: float = field(default_factory=time.time)
    """When the apply began that it is part of, in seconds since 1970: what was fetched since needs no second look."""
    planned_cost: Disruption = Disruption.DATA_LOSS
    """The class that the plan told for this change."""
    warn: Callable[[Diagnostic], None] = field(default_factory=lambda: lambda _warning: None)
    """Tells at the end of the run what the user should know although nothing failed."""

    def keep_to_plan(self, cost: Disruption) -> None:
        """Refuse what would cost the guest more than the plan told; of what it doesn't notice, any class will do.

        Raises:
            DiagnosticError: it would; nothing was changed yet.
        """
        if cost > max(self.planned_cost, Disruption.NEXT_BOOT):
            raise DiagnosticError.of(
                "The change costs more than the plan says",
                f"The plan says {self.planned_cost.value}, and as things are by now it would be {cost.value}. What the "
                "plan was made from has changed since, so nothing was done here. Make a new plan, which says so.",
            )


class Reading(Struct, Generic[HostT]):
    """What a data source gets beside its configuration. `host` is as of a resource type."""

    host: HostT
    base_directory: FilePath
    """Where relative paths of the configuration start: the root module's directory."""
    settings: Mapping[str, Plain] = field(default_factory=dict)
    """As in a Proposal."""


def _unmarked(_operation: Operation[HostT], _present: Object) -> None:
    """Most types have no place for a mark."""


def _as_planned(proposal: Proposal) -> Object:
    return proposal.planned


def _nothing_among_all(_check: CheckAll[HostT]) -> Iterable[Diagnostic]:
    return ()


Claim = tuple[Plain, ...]
"""Something that there is only once on a host: `("volume", "images", "disk.qcow2")`. Claims of all types compare."""


def _claims_nothing(_found: Object) -> Iterable[Claim]:
    return ()


def _nothing_is_kept(_object: Object) -> bool:
    return False


class Portrait(Struct):
    """An object as a configuration would describe it that was written after it."""

    object: Object
    """What makes it what it is: all that was told, but for what another one would have by itself too."""
    idle: frozenset[str] = frozenset()
    """Blocks that mean nothing where nothing is written in them."""
    notes: tuple[str, ...] = ()
    """What it has and no argument says, a line each."""
    remark: str = ""
    """What else one has to know before one writes it down, as sentences."""


def _none_listed(_host: HostT) -> Iterable[tuple[str, str]]:
    return ()


def _as_told(_host: HostT, found: Object) -> Portrait:
    return Portrait(found)


Leaving = Callable[[str], Collection[Plain]]
"""Ids of the objects of a type on the same host that the plan deletes."""


def _nothing_goes_along(_host: HostT, _object: Object, _leaving: Leaving) -> Iterable[Diagnostic]:
    return ()


def _in_no_line(_found: Object) -> Claim | None:
    return None


def _as_recorded(attributes: Object, _version: int) -> Object:
    return attributes


def _as_it_is(attributes: Object) -> Object:
    return attributes


def _nothing_to_check(_check: Check[HostT]) -> Iterable[Problem]:
    return ()


class ResourceType(Struct, Generic[HostT], kw_only=True):
    """A managed resource type.

    `read(host, prior)` finds the object that `prior` describes (by id where it has one, else
    by what `create` would have made) or None; it also serves to find leftovers of an
    interrupted create. `create(operation, planned)` and `update(operation, prior, planned,
    edits)` return the object as it then is. In `update`, `edits` are those of the plan, with
    final values; each is carried out even where before and after agree (a volume that was
    made again under the same name).
    `create` and `update` must not need more disruption than the policies of the rows told.
    `upgrade(attributes, version)` brings what was recorded under an older version of the
    schema to what this one has.
    """

    name: str
    schema: Schema
    read: Callable[[HostT, Object], Observed | None]
    create: Callable[[Operation[HostT], Object], Object]
    update: Callable[[Operation[HostT], Object, Object, Sequence[Edit]], Object]
    delete: Callable[[Operation[HostT], Object], None]
    find: Callable[[HostT, str], Object | None] | None = None
    """What identifies the object that an import means by name, UUID or path (``{"id": …}``); None: there is none.
    It is then read with this, laid over the configuration, as `prior`. Types without `find` can't be imported."""
    found_by: str = "its name, or its UUID"
    """What `find` takes, as words of a sentence."""
    original: Callable[[HostT, str], Object | None] | None = None
    """What the object is that a name or an id means, all of it, for others to be like it (`Schema.likeness`)."""
    claim: Callable[[Operation[HostT], Object], None] = _unmarked
    """Marks an object that was imported, or has another address now, as what it is; nothing else of it changes."""
    propose: Callable[[Proposal], Object] = _as_planned
    check: Callable[[Check[HostT]], Iterable[Problem]] = _nothing_to_check
    check_all: Callable[[CheckAll[HostT]], Iterable[Diagnostic]] = _nothing_among_all
    """What is wrong with all of them together, where the plan changes any: there may be too many for the host."""
    claims: Callable[[Object], Iterable[Claim]] = _claims_nothing
    """What of an object no other one on its host may have; a new object waits until the old one has given it up."""
    line: Callable[[Object], Claim | None] = _in_no_line
    """What of a host an object shares with others, of any type, that must be dealt with one after the other: deletions
    first, the latest object first, then the rest in the order of the configuration."""
    needs: Callable[[Object], Iterable[Claim]] | None = None
    """Which claims nobody may have when an object is made; None: its own. What overlaps is not simply the same."""
    upgrade: Callable[[Object, int], Object] = _as_recorded
    adopt: Callable[[Object], Object] = _as_it_is
    """What another program recorded under the same version of the schema, in the words of this one."""
    takes_over: Mapping[str, Callable[[Object], Object]] = field(default_factory=dict)
    """Types whose objects a `moved` block can make one of this type, each with what its attributes become."""
    expires: bool = False
    """Whether objects end by themselves: that one is gone is then nobody's doing, and not told as such."""
    is_kept: Callable[[Object], bool] = _nothing_is_kept
    """Whether an object, as it is recorded, is forgotten rather than deleted, and so never replaced either."""
    lost_with: Callable[[HostT, Object, Leaving], Iterable[Diagnostic]] = _nothing_goes_along
    """Warnings of what goes with an object that is deleted, and that no plan shows, because it is nobody's object."""
    listed: Callable[[HostT], Iterable[tuple[str, str]]] = _none_listed
    """What a host has of the type: of each object what `find` takes, and its id."""
    portray: Callable[[HostT, Object], Portrait] = _as_told
    """What of an object, of which all was told, is written where a configuration is generated."""
    delete_disruption: Disruption = Disruption.REPLACE
    """What deleting an object of this type costs."""
    holds_data: Callable[[Object], bool] | None = None
    """Whether an object, as it is recorded, has data of its own that is lost when it is deleted; None: that is so of
    all or none of the type."""
    work: str = "quick"
    """Class of work, for throttling: `quick`, `copy`, `boot`."""
    needs_host: bool = True

    def cost_of_deleting(self, found: Object) -> Disruption:
        """What it costs to delete an object."""
        has_data = self.holds_data is not None and self.holds_data(found)
        return Disruption.DATA_LOSS if has_data else self.delete_disruption


class DataSource(Struct, Generic[HostT], kw_only=True):
    """A data source: `read(reading, config)` returns the whole object.

    Raises:
        DiagnosticError: what it looks for is not there.
    """

    name: str
    schema: Schema
    read: Callable[[Reading[HostT], Object], Object]
    needs_host: bool = True
