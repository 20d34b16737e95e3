"""A host in memory, with a resource type and a data source on it: to plan and apply without libvirt.

The host refuses what a real one would, two objects of one name and the use of what isn't
there, and writes down what was deleted while something used it. So a wrong order of steps
is found here.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kvmform.diagnostics import DiagnosticError
from kvmform.schema import (
    Block,
    DataSource,
    Disruption,
    Edit,
    EditContext,
    Effect,
    Object,
    Observed,
    Operation,
    Proposal,
    Reading,
    ResourceType,
    Row,
    Schema,
)
from kvmform.values.types import BOOL, NUMBER, STRING, ListType, MapType, SetType
from kvmform.workspace.catalogue import Catalogue

__all__ = ["LOOKUP", "PROVIDERS", "SCHEMAS", "THING", "FakeHost", "Killed", "Mortality", "fake_catalogue"]


class Killed(BaseException):
    """Stands for the end of the process: nothing of kvmform catches it."""


@dataclass
class Mortality:
    """When the process is killed: at one of the instants at which something reaches the world or the disk."""

    at: int | None = None
    passed: int = 0
    is_dead: bool = False

    def instant(self) -> None:
        """One instant goes by; after the end of the process there are none."""
        self.passed += 1
        if self.is_dead or self.passed == self.at:
            self.is_dead = True
            raise Killed


@dataclass
class FakeHost:
    """Objects by id. `calls` are those that changed something, in order; `reads` counts the others."""

    uri: str = "fake:///"
    objects: dict[str, Object] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    """Names of what was deleted while something used it: only a replacement may do that."""
    reads: int = 0
    closed: int = 0
    mortality: Mortality = field(default_factory=Mortality)
    failing: Callable[[str], bool] = lambda _call: False
    """Whether a call fails; it gets the verb and the object's name."""
    serial_is_name: bool = False
    """Whether what is made again has the serial of the old one, as a volume at the same path has its id."""
    _serials: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def close(self) -> None:
        """Be done with it."""
        self.closed += 1

    def look_again(self) -> None:
        """It never keeps what it has read."""

    def names(self) -> set[str]:
        """The names of everything that is there and was started."""
        return {found["name"] for found in self.objects.values() if found["started"]}

    def named(self, name: str) -> Object:
        """The object of a name."""
        return next(found for found in self.objects.values() if found["name"] == name)

    def make(self, identity: str, name: str) -> None:
        """Define an object, bare."""
        with self._call("make", name):
            if any(other["name"] == name for key, other in self.objects.items() if key != identity):
                raise DiagnosticError.of("Object already exists", f"There is an object named {name} already.")
            serial = name if self.serial_is_name else f"s{next(self._serials)}"
            self.objects.setdefault(identity, {"name": name, "serial": serial, "started": False})

    def change(self, identity: str, values: Object) -> None:
        """Set values of an object; what it uses must be there."""
        with self._call("change", self.objects[identity]["name"]):
            known = {*self.objects, *(other["serial"] for other in self.objects.values())}
            missing = set(values.get("uses") or ()) - known
            if missing:
                raise DiagnosticError.of("No such object", f"There is nothing like {', '.join(sorted(missing))}.")
            self.objects[identity].update(values)

    def start(self, identity: str) -> None:
        """Start an object."""
        with self._call("start", self.objects[identity]["name"]):
            self.objects[identity]["started"] = True

    def delete(self, identity: str) -> None:
        """Delete an object; one that isn't there is deleted."""
        found = self.objects.get(identity)
        if found is None:
            return
        with self._call("delete", found["name"]):
            handles = {identity, found["serial"]}
            users = [other["name"] for other in self.objects.values() if handles & set(other.get("uses") or ())]
            if users:
                self.torn.append(found["name"])
            del self.objects[identity]

    def find(self, identity: str) -> Object | None:
        """What there is under an id."""
        with self._lock:
            self.reads += 1
            return self.objects.get(identity)

    def _call(self, verb: str, name: str) -> _Call:
        return _Call(self, f"{verb} {name}")


@dataclass
class _Call:
    """One call: killed before it, or after it, or failing."""

    host: FakeHost
    text: str

    def __enter__(self) -> None:
        self.host.mortality.instant()
        self.host._lock.acquire()
        if self.host.failing(self.text):
            self.host._lock.release()
            raise DiagnosticError.of("Call failed", f"The host refused: {self.text}.")
        self.host.calls.append(self.text)

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self.host._lock.release()
        if kind is None:
            self.host.mortality.instant()


def _size_policy(context: EditContext) -> Effect:
    before, after = context.edit.before, context.edit.after
    if isinstance(after, int) and isinstance(before, int) and after < before:
        return Effect(Disruption.DATA_LOSS, "shrinks")
    return Effect(Disruption.LIVE if context.facts.get("started") else Disruption.NONE)


def _same_text(before: object, after: object) -> bool:
    return str(before).lower() == str(after).lower() if before is not None and after is not None else before is after


_LIVE = Disruption.LIVE
SCHEMA = Schema(
    rows={
        "id": Row(type=STRING, computed=True, read_only=True, doc="Known when it is planned."),
        "serial": Row(type=STRING, computed=True, read_only=True, doc="The host gives it."),
        "name": Row(type=STRING, required=True, doc="The name."),
        "size": Row(type=NUMBER, default=1, change=_size_policy, doc="Grows live."),
        "label": Row(type=STRING, computed=True, change=_LIVE, same=_same_text, doc="By default the name."),
        "uses": Row(type=ListType(STRING), change=_LIVE, doc="Ids or serials of others."),
        "flags": Row(type=SetType(STRING), change=Disruption.NEXT_BOOT, doc="In any order."),
        "tags": Row(type=MapType(STRING), change=_LIVE, doc="Anything."),
        "fast": Row(type=BOOL, change=Disruption.REBOOT, doc="Whether it is."),
        "secret": Row(type=STRING, sensitive=True, change=_LIVE, doc="Not to be shown."),
        "seen": Row(type=NUMBER, computed=True, read_only=True, volatile=True, doc="Grows by itself."),
        "part": Block(
            rows={
                "name": Row(type=STRING, required=True, change=_LIVE, doc="Its key."),
                "weight": Row(type=NUMBER, default=0, change=_LIVE, doc="How heavy."),
                "slot": Row(type=STRING, computed=True, change=_LIVE, doc="Where it is."),
                "hole": Block(rows={"depth": Row(type=NUMBER, change=_LIVE, doc="How deep.")}, doc="In it."),
            },
            match=(("name",),),
            pair_rest=False,
            change=_LIVE,
            doc="A part.",
        ),
        "frame": Block(
            rows={"kind": Row(type=STRING, required=True, change=Disruption.REPLACE, doc="Which.")},
            max_items=1,
            doc="At most one.",
        ),
    },
    doc="A thing.",
)
_OWN = ("name", "size", "label", "uses", "flags", "tags", "fast", "secret", "part", "frame")


def _read(host: FakeHost, prior: Object) -> Observed | None:
    found = host.find(str(prior.get("id")))
    return None if found is None else Observed(_object(str(prior["id"]), found), {"started": found["started"]})


def _find(host: FakeHost, meant: str) -> Object | None:
    host.reads += 1
    return next(({"id": key} for key, found in host.objects.items() if meant in {key, found["name"]}), None)


def _object(identity: str, found: Object) -> Object:
    values = {name: found.get(name) for name in _OWN}
    values |= {name: found.get(name) or [] for name in ("part", "frame")}
    return {"id": identity, "serial": found["serial"], "seen": len(found), **values}


def _propose(proposal: Proposal) -> Object:
    planned = dict(proposal.planned)
    if proposal.observed is None:
        planned["id"] = proposal.identity.uuid
        planned["label"] = proposal.config.get("label") or proposal.config["name"]
    return planned


def _create(operation: Operation[FakeHost], planned: Object) -> Object:
    host, identity = operation.host, operation.identity.uuid
    host.make(identity, planned["name"])
    operation.record({"id": identity})
    operation.progress("changing", None, None)
    return _finish(host, identity, planned)


def _update(operation: Operation[FakeHost], prior: Object, planned: Object, _edits: Sequence[Edit]) -> Object:
    return _finish(operation.host, prior["id"], planned)


def _finish(host: FakeHost, identity: str, planned: Object) -> Object:
    values = {name: planned.get(name) for name in _OWN}
    values["part"] = [{**part, "slot": part["slot"] or f"slot-{part['name']}"} for part in planned["part"]]
    host.change(identity, values)
    if not host.objects[identity]["started"]:
        host.start(identity)
    return _object(identity, host.objects[identity])


def _delete(operation: Operation[FakeHost], prior: Object) -> None:
    operation.host.delete(prior["id"])


THING: ResourceType[FakeHost] = ResourceType(
    name="libvirt_thing",
    schema=SCHEMA,
    read=_read,
    find=_find,
    create=_create,
    update=_update,
    delete=_delete,
    propose=_propose,
    claims=lambda found: (("thing", found["name"]),),
)
"""Known at plan time: all but `serial` and the `slot` of parts."""


def _look_up(reading: Reading[FakeHost], config: Object) -> Object:
    host = reading.host
    host.reads += 1
    for identity, found in host.objects.items():
        if found["name"] == config["name"]:
            return {"name": config["name"], "id": identity, "serial": found["serial"]}
    raise DiagnosticError.of("No such object", f"There is no object named {config['name']}.")


LOOKUP: DataSource[FakeHost] = DataSource(
    name="libvirt_thing",
    schema=Schema(
        rows={
            "name": Row(type=STRING, required=True, doc="Its name."),
            "id": Row(type=STRING, computed=True, read_only=True, doc="Its id."),
            "serial": Row(type=STRING, computed=True, read_only=True, doc="Its serial."),
        },
        doc="A thing that is there.",
    ),
    read=_look_up,
)

PROVIDERS = {"libvirt": Schema(rows={"uri": Row(type=STRING, doc="Which host.")}, doc="A host.")}
SCHEMAS = {("managed", THING.name): THING.schema, ("data", LOOKUP.name): LOOKUP.schema}


def fake_catalogue(hosts: dict[str, FakeHost]) -> Catalogue:
    """What a workspace can use: things on these hosts; one whose URI isn't among them can't be reached."""

    def open_host(uri: str, _base: Path) -> Any:
        if uri not in hosts:
            raise DiagnosticError.of("Cannot connect to the host", f"There is no host {uri}.")
        return hosts[uri]

    return Catalogue({THING.name: THING}, {LOOKUP.name: LOOKUP}, PROVIDERS, open_host)
