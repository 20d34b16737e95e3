"""One run in one directory: see the package's docstring for the stages."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from kvmform.config.dependencies import dependency_graph, reject_cycles
from kvmform.config.evaluation import Evaluation
from kvmform.config.files import DirectoryFiles, Files, RecordedFiles
from kvmform.config.imports import check_imports
from kvmform.config.inputs import Input, collect_inputs, unknown_input
from kvmform.config.load import load_configuration
from kvmform.config.module import Module
from kvmform.config.removed import check_removed
from kvmform.config.repetition import repeat_any
from kvmform.config.settings import BackendBlock, backend_block
from kvmform.config.surroundings import Surroundings as EvaluationSurroundings
from kvmform.config.validate import validate_module
from kvmform.diagnostics import Diagnostic, Diagnostics, Severity
from kvmform.modules.installed import InstalledModules
from kvmform.workspace.catalogue import Catalogue, installed
from kvmform.workspace.checking import check_configuration
from kvmform.workspace.named import NamedWorkspaces
from kvmform.workspace.patience import told_if_slow
from kvmform.workspace.surroundings import Surroundings

if TYPE_CHECKING:
    from types import TracebackType

    from kvmform.apply.events import Emit
    from kvmform.apply.report import Report
    from kvmform.modules.events import Tell
    from kvmform.plan.change import Plan
    from kvmform.plan.planfile import SavedPlan
    from kvmform.plan.request import Planning
    from kvmform.state.backends import Backend
    from kvmform.state.model import State
    from kvmform.state.store import StateStore
    from kvmform.workspace.console import Console
    from kvmform.workspace.generated import Generated
    from kvmform.workspace.options import ApplyOptions, PlanOptions
    from kvmform.workspace.providers import Providers
    from kvmform.workspace.refresh import OnRefresh
    from kvmform.workspace.verifying import Verification

__all__ = ["Workspace"]


class Workspace:
    """A directory of configuration with its state and hosts. Use it in a `with` block."""

    def __init__(
        self,
        surroundings: Surroundings,
        saved: SavedPlan | None = None,
        catalogue: Catalogue | None = None,
        generated: Generated | None = None,
    ) -> None:
        """Work in `surroundings`; with `saved`, on the configuration that the saved plan carries.

        With `generated`, blocks that were generated belong to the configuration.
        """
        if saved is not None:
            from kvmform.workspace.saved_plans import placed

            saved = placed(saved, surroundings.directory.absolute())
        self.surroundings = surroundings
        self.warnings: list[Diagnostic] = []
        self._saved = saved
        self._given_catalogue = catalogue
        self.generated = generated
        beside = None if generated is None else {self.directory: generated.files}
        self._files: Files = RecordedFiles(saved.files) if saved else DirectoryFiles(beside)
        self._providers: Providers | None = None
        self._locked = False
        self._on_close = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of hosts and of the lock."""
        self.close_hosts()
        self._on_close.close()

    def close_hosts(self) -> None:
        """Let go of the hosts; what asks for one next opens it anew, and knows nothing of what was read before."""
        if self._providers is not None:
            self._providers.close()
            self._providers = None

    @property
    def directory(self) -> Path:
        """The root module's directory."""
        return self._saved.root_directory if self._saved else self.surroundings.directory.absolute()

    @property
    def data_directory(self) -> Path:
        """`.terraform`, or what TF_DATA_DIR says."""
        return self.directory / (self.surroundings.data_directory or ".terraform")

    @cached_property
    def _named(self) -> NamedWorkspaces:
        return NamedWorkspaces(self.directory, self.data_directory, self.surroundings.environment)

    @cached_property
    def name(self) -> str:
        """Which of the directory's named workspaces it is; a saved plan is for the one that it was made in."""
        return self._saved.workspace if self._saved is not None else self._named.current

    @cached_property
    def catalogue(self) -> Catalogue:
        """What there is to plan with."""
        return self._given_catalogue or installed()

    @cached_property
    def _loaded(self) -> tuple[Module, list[Diagnostic]]:
        modules = InstalledModules(self.directory, self.data_directory, self._files.text)
        may_be_empty = self.surroundings.may_be_empty
        return load_configuration(self.directory, self._files, modules, may_be_empty=may_be_empty)

    @property
    def has_configuration(self) -> bool:
        """Whether the directory has any configuration file."""
        return bool(self._files.read(self.directory))

    def load(self) -> Module:
        """The configuration as declared, not yet checked against the schemas of its resources.

        Raises:
            DiagnosticError: with every problem of every file.
        """
        return self._loaded[0]

    def copy_module(self, source: str) -> None:
        """Fill the directory, which must be empty, with a copy of a module.

        Raises:
            DiagnosticError: it isn't empty, or the module can't be had.
        """
        from kvmform.workspace.installation import copy_module

        copy_module(source, self.directory, self.surroundings.environment, ask=self.surroundings.ask is not None)

    def install_modules(self, tell: Tell, *, upgrade: bool) -> Module:
        """Load the configuration, and bring the modules that are not there yet.

        Args:
            tell: is told what is downloaded, and where it is.
            upgrade: whether modules that are there are fetched again, in the newest version allowed.

        Raises:
            DiagnosticError: with every problem of every file, and every module that can't be had.
        """
        from kvmform.workspace.installation import module_installer

        with module_installer(
            self.directory,
            self.data_directory,
            self.surroundings.environment,
            tell,
            ask=self.surroundings.ask is not None,
            upgrade=upgrade,
        ) as modules:
            self._loaded = load_configuration(self.directory, self._files, modules)
        return self._loaded[0]

    @cached_property
    def root(self) -> Module:
        """The configuration, loaded and checked without evaluating anything.

        Raises:
            DiagnosticError: with every problem of every file.
        """
        module, problems = self._checked
        if self.surroundings.may_be_unfinished:
            problems = Diagnostics(each for each in problems if each.severity is not Severity.ERROR)
        problems.raise_errors()
        reject_cycles(dependency_graph(module), module)
        self.warnings.extend(problems)
        return module

    @cached_property
    def _checked(self) -> tuple[Module, Diagnostics]:
        """The configuration, and what can be said of it without evaluating anything."""
        module, warnings = self._loaded
        problems = Diagnostics(warnings)
        for each in module.walk():
            validate_module(each, self.catalogue.schemas, self.catalogue.providers, problems)
        check_removed(module, problems)
        generated = () if self.generated is None else [each.resource for each in self.generated.blocks]
        check_imports(module, problems, generated)
        return module, problems

    def validate(self) -> None:
        """Check the configuration without state, hosts or values of variables.

        Raises:
            DiagnosticError: with every problem.
        """
        module, problems = self._checked
        graph = dependency_graph(module)
        reject_cycles(graph, module)
        unknown = {name: unknown_input(variable) for name, variable in module.variables.items()}
        evaluation = Evaluation(module, unknown, self.catalogue.schemas, self._around(None, planning=True), repeat_any)
        self.warnings.extend(check_configuration(evaluation, graph, self.catalogue.providers, problems))

    @cached_property
    def inputs(self) -> dict[str, Input]:
        """Values given for the root module's variables."""
        if self._saved is not None:
            from kvmform.workspace.saved_plans import saved_inputs

            return saved_inputs(self, self._saved.plan)
        around = self.surroundings
        inputs, warnings = collect_inputs(self.root, around.variables, around.environment, around.ask, Path.cwd())
        self.warnings.extend(warnings)
        return inputs

    @property
    def given_inputs(self) -> dict[str, Input]:
        """Values given for the root module's variables; those of the others are unknown."""
        around = self.surroundings
        inputs, warnings = collect_inputs(
            self.root, around.variables, around.environment, None, Path.cwd(), required=False
        )
        self.warnings.extend(warnings)
        return inputs

    def evaluation(
        self, timestamp: str | None, *, planning: bool, inputs: dict[str, Input] | None = None
    ) -> Evaluation:
        """A fresh evaluation of the configuration; with other `inputs` than its own, if given."""
        inputs = self.inputs if inputs is None else inputs
        return Evaluation(self.root, inputs, self.catalogue.schemas, self._around(timestamp, planning=planning))

    def _around(self, timestamp: str | None, *, planning: bool) -> EvaluationSurroundings:
        return EvaluationSurroundings(
            root_directory=self.directory,
            working_directory=Path.cwd(),
            workspace=self.name,
            timestamp=timestamp,
            planning=planning,
        )

    @cached_property
    def _backend(self) -> Backend:
        """Where the state is."""
        from kvmform.workspace.state_place import open_backend

        named = self._named.state_path(self.name)
        return open_backend(self.surroundings, self.directory, self.data_directory, self.backend_block, named)

    @cached_property
    def backend_block(self) -> BackendBlock | None:
        """What the configuration says of the place of the state."""
        return backend_block(self._files.read(self.directory))

    @cached_property
    def store(self) -> StateStore:
        """The state, read when first asked for; commands that write hold the lock by then."""
        from kvmform.state.store import StateStore
        from kvmform.workspace.lineage import remembered_lineage

        saved, backend = self._saved, self._backend
        if saved is not None:
            return StateStore.open(backend, lineage=lambda: saved.plan.lineage)
        remembered = partial(remembered_lineage, self.data_directory, self.directory, backend.name)
        return StateStore.open(backend, lineage=remembered)

    @property
    def has_state(self) -> bool:
        """Whether there is any record at all."""
        return self._backend.read() is not None or self._backend.journal_path.exists()

    def lock(self, operation: str) -> None:
        """Hold the state's lock until the end of this run (unless told not to).

        Raises:
            DiagnosticError: somebody else holds it.
        """
        if self.surroundings.lock and not self._locked:
            with told_if_slow(self.surroundings.tell, "Acquiring state lock. This may take a few moments..."):
                self._on_close.enter_context(self._backend.lock(operation, self.surroundings.lock_timeout))
            self._locked = True

    def push_state(self, fresh: State, *, force: bool) -> None:
        """Put a state in the place of the present one; `force`: whatever that is.

        Raises:
            DiagnosticError: the present one is of another lineage, or later.
        """
        self.lock("state-push")
        self.store.push(fresh, force=force)

    def force_unlock(self, lock_id: str) -> None:
        """Take the state's lock from a holder that is gone.

        Raises:
            DiagnosticError: it can't be taken, or nothing holds it.
        """
        self._backend.force_unlock(lock_id)

    @property
    def state(self) -> State:
        """The state as recorded, a leftover journal folded in."""
        return self.store.state

    def providers(self, evaluation: Evaluation) -> Providers:
        """The hosts, opened as they are needed."""
        if self._providers is None:
            from kvmform.workspace.providers import Providers

            self._providers = Providers(self.catalogue, evaluation, self.surroundings.environment, self.directory)
        return self._providers

    def uris(self) -> list[str]:
        """The URIs of the hosts that the configuration is for.

        Raises:
            DiagnosticError: with every problem of the configuration.
        """
        return self.providers(self.evaluation(None, planning=True)).uris()

    def plan(self, options: PlanOptions, tell: OnRefresh | None = None) -> Planning:
        """Make a plan, and check it against the hosts. The lock is held from here on.

        `tell` is told of each instance that is read, before and after.

        Raises:
            DiagnosticError: with every problem; nothing was changed.
        """
        from kvmform.workspace.planning import plan
        from kvmform.workspace.refresh import silently

        return plan(self, options, tell or silently)

    def console(self, *, planned: bool = False) -> Console:
        """What answers expressions: with objects as state has them, or as a new plan says.

        Raises:
            DiagnosticError: with every problem of the configuration, or of the plan.
        """
        from kvmform.workspace.console import open_console

        return open_console(self, planned=planned)

    def save(self, plan: Plan, path: Path) -> None:
        """Save a plan, with the configuration that it was made from."""
        from kvmform.plan.planfile import SavedPlan, write_plan

        assert isinstance(self._files, DirectoryFiles)
        write_plan(path, SavedPlan(plan, self._files.seen, self.directory.absolute(), self.name))

    def apply(self, plan: Plan, emit: Emit, options: ApplyOptions) -> Report:
        """Carry out a plan.

        Raises:
            DiagnosticError: it goes beyond its gates, or was made from another state than there is now.
        """
        from kvmform.workspace.applying import apply

        return apply(self, plan, emit, options)

    def verify(self, plan: Plan) -> Verification:
        """Plan once more what was applied, with everything read anew.

        Raises:
            DiagnosticError: no plan can be made.
        """
        from kvmform.workspace.verifying import verify

        return verify(self, plan)

    @property
    def journal_length(self) -> int:
        """How much of a journal an interrupted run left; what it tells is in the state already."""
        try:
            return self._backend.journal_path.stat().st_size
        except OSError:
            return 0
