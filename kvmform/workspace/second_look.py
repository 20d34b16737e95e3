"""A second look at the hosts, before a plan is carried out that was made a while ago.

What was saved, or what somebody took time to approve, is only done if everything that it
rests on is as it was. Otherwise it is refused before the first step, with what has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kvmform.address import InstanceAddress
from kvmform.apply.introduce import introduce
from kvmform.apply.likeness import Likenesses
from kvmform.config.memo import Read
from kvmform.diagnostics import DiagnosticError, Severity, error
from kvmform.plan.change import Action, Change, Mode, Plan
from kvmform.plan.compare import Comparison
from kvmform.plan.merge import ignore_paths
from kvmform.plan.request import Detail, Planning
from kvmform.plan.staleness import Seen, changes_since, seen_by
from kvmform.schema import Observed
from kvmform.state.model import InstanceState
from kvmform.workspace.data import read_data
from kvmform.workspace.preflight import preflight
from kvmform.workspace.refresh import refresh
from kvmform.workspace.staleness import STALE, WAY_OUT

if TYPE_CHECKING:
    from kvmform.config.evaluation import Evaluation
    from kvmform.workspace.providers import Providers
    from kvmform.workspace.workspace import Workspace

__all__ = ["SecondLook"]

_MADE = {Action.CREATE, Action.UPDATE, Action.REPLACE}

Found = dict[InstanceAddress, Observed | None]


class SecondLook:
    """What a plan rests on, as it is now."""

    def __init__(self, workspace: Workspace, plan: Plan, evaluation: Evaluation, providers: Providers) -> None:
        self._workspace = workspace
        self._plan = plan
        self._evaluation = evaluation
        self._providers = providers
        self._likenesses = Likenesses(evaluation, workspace.catalogue.types, plan.changes)
        self._reads: set[Read] = set()
        """What the values of the objects come from that are made or changed."""

    def reject_changes(self) -> None:
        """Refuse the plan if it isn't the truth any more.

        Raises:
            DiagnosticError: an object that it rests on has changed, what it means to make can't be made any more, or
                a host can't be reached.
        """
        self._providers.look_again()
        observed = self._objects() if self._plan.refreshed else {}
        details = self._details(observed) if self._plan.mode is Mode.NORMAL else {}
        if not details:
            return
        _reject([*self._data()])
        planning = Planning(self._plan, details)
        types, directory = self._workspace.catalogue.types, self._workspace.directory
        found = preflight(planning, types, self._providers.host, directory)
        errors = [each for each in found if each.severity is Severity.ERROR]
        if errors:
            detail = f"What the plan says could be done when it was made, and can't be now; see below. {WAY_OUT}"
            raise DiagnosticError(error(STALE, detail), *errors)

    def _objects(self) -> Found:
        """What is found of the objects, all of it as the plan has it."""
        types = self._workspace.catalogue.types
        seen = [each for each in seen_by(self._plan) if each.address.type in types]
        recorded = {
            each.address: InstanceState(address=each.address, provider=each.provider, attributes=each.object)
            for each in seen
        }
        # What an interrupted creation left is looked at for the checks alone.
        state = self._workspace.state
        recorded |= {c.address: i for c in self._plan.changes if c.resumes and (i := state.get(c.address))}
        observed = refresh(recorded, types, self._providers.host, self._workspace.directory)
        _reject(
            [
                f"{each.address}: {sentence}"
                for each in seen
                for sentence in changes_since(each, types[each.address.type].schema.rows, observed[each.address])
            ]
        )
        return observed

    def _data(self) -> Iterator[str]:
        """What has changed of the hosts' objects that data sources told of. Others are not read again, as in apply."""
        for change in self._plan.changes:
            source = self._workspace.catalogue.data_sources.get(change.address.type)
            is_read = change.address.resource.mode == "data" and change.action is Action.NO_OP
            is_used = change.address in self._reads or change.address.resource in self._reads
            if source is None or not source.needs_host or not is_read or not is_used or change.after is None:
                continue
            block, within, repetition = self._evaluation.locate(change.address)
            decoded, _ = self._evaluation.decode(block, within, repetition)
            try:
                now = read_data(self._workspace, self._providers, change.provider, source, decoded.object)
            except DiagnosticError as problem:
                yield from (f"{change.address}: {each.summary}. {each.detail}" for each in problem.diagnostics)
                continue
            seen = Seen(change.address, change.provider, change.after, False, None, change.sensitive)
            for sentence in changes_since(seen, source.schema.rows, Observed(now)):
                yield f"{change.address}: {sentence}"

    def _details(self, observed: Found) -> dict[InstanceAddress, Detail]:
        """What stands behind the changes of a plan that was made in another run."""
        changes = [c for c in self._plan.changes if c.action in _MADE and c.address.resource.mode == "managed"]
        if changes:
            introduce(self._plan, self._workspace.state, self._workspace.catalogue.types, self._evaluation)
        return {each.address: self._detail(each, observed.get(each.address)) for each in changes}

    def _detail(self, change: Change, observed: Observed | None) -> Detail:
        block, within, repetition = self._evaluation.locate(change.address)
        decoded, reads = self._evaluation.decode(block, within, repetition)
        self._reads |= reads
        decoded = self._likenesses.laid_under(change, decoded)
        config = decoded.object
        if change.before is not None and block.lifecycle.ignored != ():
            schema = self._workspace.catalogue.types[change.address.type].schema
            config = ignore_paths(schema, config, change.before, block.lifecycle.ignored)
        assert change.after is not None
        comparison = Comparison(
            action=change.action,
            before=change.before,
            after=change.after,
            generation=change.generation,
            identity=change.identity(self._plan.lineage),
            config=config,
        )
        if observed is None and change.before is not None:
            observed = Observed(change.before)
        return Detail(block, decoded, comparison, observed)


def _reject(told: list[str]) -> None:
    if told:
        lines = "\n".join(f"  - {each}" for each in told)
        raise DiagnosticError.of(
            STALE, f"Since this plan was made, what it rests on has changed:\n{lines}\n\n{WAY_OUT}"
        )
