"""Run the provisioners of an instance, as part of the step that makes or deletes it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path as FilePath

from kvmform.address import InstanceAddress
from kvmform.apply.events import (
    Emit,
    Progressed,
    ProvisionFailed,
    ProvisionFinished,
    ProvisionProgressed,
    ProvisionStarted,
)
from kvmform.config.evaluation import Evaluation
from kvmform.config.module import Provisioner, Removed
from kvmform.config.provisioning import Provisioning, Turn
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import Verb
from kvmform.plan.merge import contains_unknown
from kvmform.plan.removal import block_of, module_of, nearest_removed, removed_blocks
from kvmform.provision.run import Call, run
from kvmform.struct import Struct
from kvmform.values.model import Value

__all__ = ["Provisioners"]

_SUPPRESSED = "(output suppressed due to sensitive value in config)"


class Provisioners(Struct):
    """Runs provisioners one after the other; each is evaluated when those before it are done.

    `stop` ends them: unlike everything else in flight they may take for ever.
    """

    __slots__ = ("__dict__",)  # where cached properties are

    evaluation: Evaluation
    base_directory: FilePath
    emit: Emit
    stop: threading.Event

    def wait_for(self, address: InstanceAddress) -> bool:
        """Whether an instance has provisioners that run once it is made."""
        block = block_of(address, self.evaluation.root.module)
        return block is not None and any(provisioner.when == "create" for provisioner in block.provisioners)

    def run_first(self, address: InstanceAddress) -> None:
        """Run the creation-time provisioners of an instance, which is there.

        Raises:
            DiagnosticError: one failed that must not.
        """
        run = _Run(address, Verb.CREATE, self.base_directory, self.emit, self.stop)
        run.all(self.evaluation.first_provisioners(address))

    def run_last(self, address: InstanceAddress, itself: Value) -> None:
        """Run the destroy-time provisioners of an instance, which is still there.

        They are in its block, or where that is gone in a `removed` block.

        Raises:
            DiagnosticError: one failed that must not.
        """
        root = self.evaluation.root.module
        block = block_of(address, root)
        removed = None if block else nearest_removed(address, self._removed)
        provisioners = block.provisioners if block else removed.provisioners if removed else ()
        run = _Run(address, Verb.DELETE, self.base_directory, self.emit, self.stop)
        module = module_of(address, root) or root
        run.all(self.evaluation.last_provisioners(address, module, provisioners, itself))

    @cached_property
    def _removed(self) -> dict[tuple[str, ...], Removed]:
        return removed_blocks(self.evaluation.root.module)


class _Run(Struct):
    """The provisioners of one instance in one step."""

    address: InstanceAddress
    verb: Verb
    base_directory: FilePath
    emit: Emit
    stop: threading.Event

    def all(self, turns: Iterable[Turn]) -> None:
        for provisioner, evaluated in turns:
            if self.stop.is_set():
                detail = "Its provisioners were not run to their end, since you asked to stop."
                raise DiagnosticError.of("Provisioner stopped", detail)
            self._run(provisioner, evaluated)

    def _run(self, provisioner: Provisioner, evaluated: Callable[[], Provisioning]) -> None:
        kind = provisioner.type
        self.emit(ProvisionStarted(self.address, self.verb, kind))
        try:
            found = evaluated()
            if contains_unknown(found.config) or contains_unknown(found.connection):
                detail = "Something in the arguments of this provisioner is not known even now, so it can't be run."
                raise DiagnosticError.of("Unknown value in provisioner configuration", detail)
            run(kind, found.config, found.connection, self._call(found))
        except DiagnosticError as problem:
            diagnostics = tuple(d.at(provisioner.range).about(str(self.address)) for d in problem.diagnostics)
            goes_on = provisioner.on_failure == "continue" and not self.stop.is_set()
            self.emit(ProvisionFailed(self.address, self.verb, kind, diagnostics, goes_on))
            if not goes_on:
                raise DiagnosticError(*diagnostics) from problem
        else:
            self.emit(ProvisionFinished(self.address, self.verb, kind))

    def _call(self, provisioning: Provisioning) -> Call:
        kind = provisioning.provisioner.type
        shown: set[str] = set()

        def line(text: str) -> None:
            if provisioning.is_secret:
                if _SUPPRESSED in shown:
                    return
                text = _SUPPRESSED
                shown.add(text)
            for each in text.splitlines():
                self.emit(ProvisionProgressed(self.address, self.verb, kind, each))

        def waiting(words: str) -> None:
            self.emit(Progressed(self.address, self.verb, words))

        return Call(
            base_directory=self.base_directory,
            line=line,
            waiting=waiting,
            stop=self.stop,
            is_secret=provisioning.is_secret,
        )
