"""Snapshots that are taken by command: of domains in state, one by one or all at one point of time.

They are in no configuration and in no state, so no plan speaks of them; with its domain a snapshot goes too. What can't
be done is told by the checks of `libvirt_snapshot`, before anything is touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, Severity, warning
from kvmform.host.records import PowerState
from kvmform.resources.snapshot.listed import DomainSnapshots
from kvmform.schema import Check, Edit, Identity, Object, Operation, ResourceType, Row
from kvmform.state.model import InstanceState
from kvmform.workspace.refresh import as_declared
from kvmform.workspace.subjects import Subject, at_once, chosen, standing_still, subject_of

if TYPE_CHECKING:
    from kvmform.workspace.workspace import Workspace

__all__ = ["LabSnapshots"]

_SERIAL = re.compile(r"\(state serial (\d+)\)$")
"""Ends the description of what was taken by command, so that one sees later which state it belongs to."""

Tell = Callable[[str], None]


class LabSnapshots:
    """The snapshots of the domains that are in a workspace's state.

    Args:
        workspace: whose state; the lock is its caller's business.
        tell: is told what is done, a line each.
    """

    def __init__(self, workspace: Workspace, tell: Tell = lambda _text: None) -> None:
        self._workspace = workspace
        self._tell = tell
        self._kind: ResourceType[Any] = workspace.catalogue.types["libvirt_snapshot"]

    @property
    def warnings(self) -> list[Diagnostic]:
        """What was found that is no error; told once."""
        found, self._workspace.warnings = self._workspace.warnings, []
        return found

    def subjects(self, words: Sequence[str]) -> list[Subject]:
        """The domains that are meant by addresses or names; all without any.

        Raises:
            DiagnosticError: a word means none, or a domain is gone.
        """
        instances = chosen(self._recorded("libvirt_domain"), words)
        providers = self._workspace.providers(self._workspace.evaluation(None, planning=True))
        return [subject_of(each, providers.host(each.provider)) for each in instances]

    def of(self, words: Sequence[str]) -> list[DomainSnapshots]:
        """The snapshots of the domains that are meant.

        Raises:
            DiagnosticError: there is no such domain, or a host can't be read.
        """
        addresses = self._addresses()
        found = []
        for subject in self.subjects(words):
            there = subject.host.inventory.snapshots.of(subject.record.uuid)
            objects = [self._present(subject, each.name) for each in there]
            told = tuple({**each, "address": addresses.get(each["id"])} for each in objects)
            found.append(DomainSnapshots(subject.address, subject.record.name, subject.record.uuid, told))
        return found

    def create(self, name: str, words: Sequence[str], arguments: Object) -> None:
        """Take a snapshot of each domain; of several, all stand still meanwhile, so that it is one point of time.

        If one can't be taken, those that were are deleted again.

        Args:
            name: of all the snapshots.
            words: which domains; all without any.
            arguments: of `libvirt_snapshot`: description, memory, external, quiesce.

        Raises:
            DiagnosticError: what would go wrong, and then nothing was done; or what did.
        """
        subjects = self.subjects(words)
        serial = f"(state serial {self._workspace.state.serial})"
        arguments = {**arguments, "description": f"{arguments.get('description') or ''} {serial}".strip()}
        planned = {each.address: self._planned(each, name, arguments) for each in subjects}
        self._refuse(self._problems(each, planned[each.address]) for each in subjects)
        several = len(subjects) > 1
        _refuse_standing_still(arguments, several=several)
        running = [each for each in subjects if several and each.record.state is PowerState.RUNNING]
        taken: list[Subject] = []

        def take(subject: Subject) -> None:
            self._kind.create(self._operation(subject), planned[subject.address])
            taken.append(subject)
            self._tell(f"{subject.address}: snapshot {name} taken")

        try:
            with standing_still(running):
                at_once(subjects, take)
        except DiagnosticError:
            at_once(taken, lambda subject: self._delete(subject, name))
            raise

    def reverting(self, name: str, words: Sequence[str]) -> list[Subject]:
        """The domains that would be reverted, after a look at whether they can be; its warnings are the workspace's.

        Raises:
            DiagnosticError: with everything that is in the way.
        """
        subjects = self.subjects(words)
        missing = [each.address for each in subjects if self._read(each, name) is None]
        if missing:
            detail = f"{', '.join(missing)} has no snapshot {name}, so it can't be taken back to it. Name the domains."
            raise DiagnosticError.of("No such snapshot", detail)
        self._refuse(self._problems(each, {**self._present(each, name), "revert": "now"}) for each in subjects)
        serials = {serial for each in subjects if (serial := self._taken_at(each, name)) is not None}
        if serials - {self._workspace.state.serial}:
            self._workspace.warnings.append(_since(sorted(serials), self._workspace.state.serial))
        return subjects

    def revert(self, name: str, subjects: Sequence[Subject], *, after: str | None = None) -> None:
        """Take domains back; of several, none runs before all are back.

        `after` is `running` or `paused`; None for what each guest does now.

        Raises:
            DiagnosticError: one can't be taken back; those that were stay so.
        """
        from kvmform.host.power import resume_domain
        from kvmform.resources.snapshot.reverting import revert

        wanted = {each.address: PowerState(after) if after else each.record.state for each in subjects}
        waiting = [each for each in subjects if len(subjects) > 1 and wanted[each.address] is PowerState.RUNNING]

        def back(subject: Subject) -> None:
            state = PowerState.PAUSED if subject in waiting else wanted[subject.address]
            revert(subject.host, subject.record, name, after=state)
            self._tell(f"{subject.address}: reverted to {name}")

        try:
            at_once(subjects, back)
        finally:
            at_once(waiting, lambda each: resume_domain(each.host, each.record.uuid))

    def deleting(self, name: str, words: Sequence[str], *, children: bool) -> list[tuple[Subject, str]]:
        """The snapshots that would be deleted, leaf first; with `children` those that descend from them too.

        Raises:
            DiagnosticError: there is none, or one is in state and so a matter of the configuration.
        """
        addresses = self._addresses()
        found = [(each, one) for each in self.subjects(words) for one in _doomed(each, name, children=children)]
        if not found:
            raise DiagnosticError.of("No such snapshot", f"None of these domains has a snapshot {name}.")
        kept = [addresses[key] for each, one in found if (key := f"{each.record.uuid}/{one}") in addresses]
        if kept:
            detail = f"{', '.join(kept)} is in the configuration. Take it out there, and apply: that deletes it."
            raise DiagnosticError.of("Snapshot is in state", detail)
        return found

    def delete(self, found: Sequence[tuple[Subject, str]]) -> None:
        """Delete snapshots, in the order given.

        Raises:
            DiagnosticError: one can't be deleted; those before it are gone.
        """
        for subject, name in found:
            self._delete(subject, name)
            self._tell(f"{subject.address}: snapshot {name} deleted")

    def _taken_at(self, subject: Subject, name: str) -> int | None:
        """The serial of the state that a snapshot belongs to; None if it was not taken by command."""
        found = _SERIAL.search(str(self._present(subject, name)["description"] or ""))
        return int(found[1]) if found else None

    def _addresses(self) -> dict[str, str]:
        """The addresses of the snapshots that are in state, by their ids."""
        return {str(each.attributes.get("id")): str(each.address) for each in self._recorded("libvirt_snapshot")}

    def _recorded(self, kind: str) -> list[InstanceState]:
        state = self._workspace.state
        known = {a: each for a, each in state.instances.items() if a.type == kind and a.resource.mode == "managed"}
        return list(as_declared(known, self._workspace.catalogue.types).values())

    def _read(self, subject: Subject, name: str) -> Object | None:
        observed = self._kind.read(subject.host, {"domain_id": subject.record.uuid, "name": name})
        return observed.object if observed is not None else None

    def _present(self, subject: Subject, name: str) -> Object:
        found = self._read(subject, name)
        return found if found is not None else self._planned(subject, name, {})

    def _planned(self, subject: Subject, name: str, arguments: Object) -> Object:
        rows = self._kind.schema.rows.items()
        empty = {row: each.default if isinstance(each, Row) else [] for row, each in rows}
        return {**empty, **arguments, "name": name, "domain_id": subject.record.uuid}

    def _problems(self, subject: Subject, planned: Object) -> Iterator[Diagnostic]:
        """What the checks of the type say of a snapshot that is to be taken, or to be reverted to."""
        reverts = planned["revert"] is not None
        observed = self._kind.read(subject.host, planned) if reverts else None
        check = Check(
            address=subject.address,
            host=subject.host,
            base_directory=self._workspace.directory,
            identity=Identity("", subject.address),
            config=planned,
            observed=observed,
            planned=planned,
            replace=False,
            edits=[Edit(("revert",), None, planned["revert"])] if reverts else [],
            others=lambda _kind: (),
        )
        broken = [problem for rule in self._kind.schema.rules for problem in rule(planned)]
        for problem in broken or self._kind.check(check):
            yield problem.diagnostic.about(subject.address)

    def _refuse(self, found: Iterable[Iterable[Diagnostic]]) -> None:
        problems = Diagnostics(diagnostic for each in found for diagnostic in each)
        problems.raise_errors()
        self._workspace.warnings.extend(each for each in problems if each.severity is Severity.WARNING)

    def _delete(self, subject: Subject, name: str) -> None:
        self._kind.delete(self._operation(subject), {"domain_id": subject.record.uuid, "name": name})

    def _operation(self, subject: Subject) -> Operation[Any]:
        import threading

        return Operation(
            address=subject.address,
            host=subject.host,
            identity=Identity("", subject.address),
            base_directory=self._workspace.directory,
            settings={},
            progress=lambda words, _done, _whole: self._tell(f"{subject.address}: {words}"),
            record=lambda _object: None,
            stop=threading.Event(),
        )


def _since(serials: list[int], now: int) -> Diagnostic:
    """That the lab was changed since; its domains' definitions go back too, and nothing else."""
    then = " and ".join(map(str, serials))
    detail = (
        f"The snapshot belongs to the state with the serial {then}, and that is {now} by now. Domains go back, with "
        "their disks and definitions; networks, pools, volumes and what is newer stay as they are. kvmform plan shows "
        "what then differs from the configuration."
    )
    return warning("Lab was changed since", detail)


def _refuse_standing_still(arguments: Object, *, several: bool) -> None:
    """What can't be had of guests that are paused for a common point of time."""
    if several and arguments.get("quiesce"):
        detail = (
            "Several guests stand still while they are captured, and an agent can't answer then. Leave out -quiesce."
        )
        raise DiagnosticError.of("Nothing to quiesce", detail)


def _doomed(subject: Subject, name: str, *, children: bool) -> Iterator[str]:
    """A snapshot of a domain, if there is one, behind those that descend from it."""
    going: set[str] = set()
    for each in subject.host.inventory.snapshots.of(subject.record.uuid):
        if each.name == name or (children and each.parent in going):
            going.add(each.name)
    there = reversed(subject.host.inventory.snapshots.of(subject.record.uuid))
    return (each.name for each in there if each.name in going)
