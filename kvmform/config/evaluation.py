"""Evaluation of a configuration: blocks to objects, with the values of all that they refer to.

One :class:`Evaluation` serves one walk over the configuration (a plan, or an apply). The
walker tells it what each resource instance is (:meth:`Evaluation.set_object`); expressions
are evaluated when somebody needs them. Whatever is evaluated tells which instances it read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial

from kvmform.address import InstanceAddress, InstanceKey, ModuleAddress, ResourceAddress
from kvmform.config.conditions import check_conditions, verdicts
from kvmform.config.decode import Decoded, check_rules, decode
from kvmform.config.depends_on import record_depends_on
from kvmform.config.dialect import reject_other_dialect
from kvmform.config.imports import Wanted, wanted_imports
from kvmform.config.inputs import Input
from kvmform.config.likeness import with_open_rows
from kvmform.config.memo import Read
from kvmform.config.module import Check, Import, Module, ModulePath, ProviderBlock, Provisioner, ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.names import Names
from kvmform.config.objects import SchemaTable
from kvmform.config.provisioning import Provisioning, Turn, evaluate_provisioner
from kvmform.config.repetition import Repeat, Repetition, RepetitionKind, last_repetition, repeat
from kvmform.config.surroundings import Surroundings
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics
from kvmform.lang.ast import Expression
from kvmform.lang.evaluate import evaluate
from kvmform.lang.scope import Scope
from kvmform.schema import Object, Schema
from kvmform.schema import Path as ObjectPath
from kvmform.values.model import Unknown, Value

__all__ = ["Evaluation"]


class Evaluation:
    """Evaluates on demand; safe to use from several threads."""

    def __init__(
        self,
        root: Module,
        inputs: Mapping[str, Input],
        schemas: SchemaTable,
        surroundings: Surroundings,
        repeat: Repeat = repeat,
    ) -> None:
        """`repeat` says how often things are there; `validate` has one that knows nothing of it."""
        self._names = Names(root, inputs, schemas, surroundings, repeat)
        self._schemas = schemas
        self._lock = threading.RLock()
        self.root = self._names.root

    # What the walker tells.

    def set_instances(self, address: ResourceAddress, kind: RepetitionKind, keys: Iterable[InstanceKey] | None) -> None:
        """Say which instances a resource has, where that doesn't come from the configuration; None: nobody knows."""
        with self._lock:
            self._names.objects.set_instances(address, kind, keys)
            self._names.memo.changed(address)

    def set_object(self, address: InstanceAddress, found: Object, sensitive: frozenset[ObjectPath]) -> None:
        """Say what an instance is: planned with `Unknown` leaves, or real."""
        with self._lock:
            self._names.objects.set_object(address, found, sensitive)
            self._changed(address)

    def drop_object(self, address: InstanceAddress) -> None:
        """Say that it is not known what an instance is, since it was not made."""
        with self._lock:
            self._names.objects.drop_object(address)
            self._changed(address)

    def _changed(self, address: InstanceAddress) -> None:
        self._names.memo.changed(address)
        self._names.memo.changed(address.resource)

    def object(self, address: InstanceAddress) -> Object | None:
        """What the walker said that an instance is."""
        with self._lock:
            return self._names.objects.object(address)

    # Where things are.

    def module_instances(self, path: ModulePath) -> list[ModuleInstance]:
        """All instances of the module at a path; none where a call on the way has none.

        Raises:
            DiagnosticError: a `count` or `for_each` is wrong, or known only after apply.
        """
        instances = [self.root]
        with self._lock:
            for name in path:
                instances = [child for each in instances for child in self._names.children(each, name).values()]
        return instances

    def called(self, within: ModuleInstance, name: str) -> dict[InstanceKey, ModuleInstance]:
        """The instances of a module that is called in an instance of another; none where there is no such call."""
        with self._lock:
            return self._names.children(within, name) if name in within.module.children else {}

    def expand(self, block: ResourceBlock, within: ModuleInstance) -> dict[InstanceKey, Repetition]:
        """The instances that a block's `count` or `for_each` makes, by key.

        Raises:
            DiagnosticError: it is wrong, or known only after apply.
        """
        with self._lock:
            return self._names.expand(block, within)

    def locate(self, address: InstanceAddress) -> tuple[ResourceBlock, ModuleInstance, Repetition]:
        """Where an instance comes from."""
        with self._lock:
            within = self._module_instance(address.module)
            resource = address.resource
            block = within.module.resources[resource.mode, resource.type, resource.name]
            return block, within, self._names.expand(block, within)[address.key]

    def _module_instance(self, address: ModuleAddress) -> ModuleInstance:
        instance = self.root
        for name, key in address.steps:
            instance = self._names.children(instance, name)[key]
        return instance

    def value(self, expression: Expression, within: ModuleInstance) -> Value:
        """The value of an expression in a module instance, outside of any block.

        Raises:
            DiagnosticError: it can't be evaluated.
        """
        with self._lock:
            return evaluate(expression, self._names.scope(within))

    # Resources.

    def has_schema(self, mode: str, kind: str) -> bool:
        """Whether there is a resource type, or a data source, of this name."""
        return (mode, kind) in self._schemas

    def decode(
        self, block: ResourceBlock, within: ModuleInstance, repetition: Repetition
    ) -> tuple[Decoded, frozenset[Read]]:
        """The object that a block describes for one instance, and what was read for it.

        Raises:
            DiagnosticError: with every problem of the block, or every precondition that fails.
        """
        schema = self._schemas[block.mode, block.type]
        with self._lock, self._names.memo.recording() as reads:
            self._names.expand(block, within)
            self._names.memo.record(*self.explicit_reads(block, within))
            scope = self._names.scope(within, repetition)
            self._check(block, within, repetition, "before", scope)
            reject_other_dialect(block, schema)
            decoded = decode(block.body, schema.rows, scope, block.range, block.type)
            self._read_for_provisioners(block, scope.child({"self": Unknown(schema.type)}))
        check_rules(schema.rules, with_open_rows(schema, decoded), block.range)
        return decoded, frozenset(reads)

    @staticmethod
    def _read_for_provisioners(block: ResourceBlock, scope: Scope) -> None:
        """Count as read what provisioners refer to. What is wrong with them matters only where they are run."""
        for provisioner in block.provisioners:
            with suppress(DiagnosticError):
                evaluate_provisioner(provisioner, scope)

    def check_provisioners(self, block: ResourceBlock, within: ModuleInstance, repetition: Repetition) -> None:
        """Evaluate the provisioners of an instance for their errors, with nothing known of the instance itself.

        Raises:
            DiagnosticError: with every problem of every block.
        """
        problems = Diagnostics()
        itself = Unknown(self._schemas[block.mode, block.type].type)
        for provisioner in block.provisioners:
            try:
                with self._lock:
                    evaluate_provisioner(provisioner, self._names.scope(within, repetition).child({"self": itself}))
            except DiagnosticError as problem:
                problems.caught(problem)
        problems.raise_errors()

    def first_provisioners(self, address: InstanceAddress) -> list[Turn]:
        """The creation-time provisioners of an instance, which is there when they are evaluated."""
        block, within, repetition = self.locate(address)

        def evaluated(provisioner: Provisioner) -> Provisioning:
            with self._lock:
                itself = self._names.objects.instance_value(address)
                scope = self._names.scope(within, repetition).child({"self": itself})
                return evaluate_provisioner(provisioner, scope)

        return [(each, partial(evaluated, each)) for each in block.provisioners if each.when == "create"]

    def last_provisioners(
        self, address: InstanceAddress, module: Module, provisioners: Iterable[Provisioner], itself: Value
    ) -> list[Turn]:
        """The destroy-time provisioners of an instance, which need not be declared any more.

        Args:
            address: of the instance.
            module: what the provisioners are in.
            provisioners: all that there are.
            itself: the object.
        """
        names = last_repetition(address.key)
        scope = self._names.scope(ModuleInstance(address.module, module), names).child({"self": itself})

        def evaluated(provisioner: Provisioner) -> Provisioning:
            with self._lock:
                return evaluate_provisioner(provisioner, scope)

        return [(each, partial(evaluated, each)) for each in provisioners if each.when == "destroy"]

    def explicit_reads(self, block: ResourceBlock, within: ModuleInstance) -> frozenset[Read]:
        """What `depends_on` names, that of the block and those of the module calls around it."""

        def compute() -> frozenset[Read]:
            with self._names.memo.recording() as reads:
                record_depends_on(self._names, block.depends_on, within)
            return frozenset(reads)

        with self._lock:
            key = (within.address, "depends_on", block.mode, block.type, block.name)
            return self._names.memo.remembered(key, compute)

    def imports(self, block: ResourceBlock, within: ModuleInstance) -> dict[InstanceAddress, Wanted]:
        """The objects that `import` blocks want to become instances of a block, those in other module instances too.

        Raises:
            DiagnosticError: an id or a key is wrong, or known only after apply.
        """
        path = within.address.names

        def compute() -> dict[InstanceAddress, Wanted]:
            scope = self._names.scope(self.root)
            found: dict[InstanceAddress, Wanted] = {}
            for each in self.root.module.imports:
                at = (each.resource.module.names, each.resource.type, each.resource.name)
                if at == (path, block.type, block.name):
                    found |= wanted_imports(each, scope)
            return found

        if not self.root.module.imports:
            return {}
        with self._lock:
            return self._names.memo.remembered(("imports", path, block.type, block.name), compute)

    def wanted(self, block: Import) -> dict[InstanceAddress, Wanted]:
        """The objects that one `import` block wants, by what they become.

        Raises:
            DiagnosticError: as of :meth:`imports`.
        """
        with self._lock:
            return wanted_imports(block, self._names.scope(self.root))

    def reads_of(self, expression: Expression, within: ModuleInstance, repetition: Repetition) -> frozenset[Read]:
        """Which instances an expression reads.

        Raises:
            DiagnosticError: it can't be evaluated.
        """
        with self._lock, self._names.memo.recording() as reads:
            evaluate(expression, self._names.scope(within, repetition))
        return frozenset(reads)

    def check_postconditions(self, block: ResourceBlock, within: ModuleInstance, repetition: Repetition) -> None:
        """Check what a block demands of its object, as it is planned or real.

        Raises:
            DiagnosticError: with every postcondition that fails.
        """
        if block.lifecycle.postconditions:
            address = ResourceAddress(within.address, block.mode, block.type, block.name).instance(repetition.key)
            with self._lock:
                self_value = self._names.objects.instance_value(address)
                scope = self._names.scope(within, repetition).child({"self": self_value})
                self._check(block, within, repetition, "after", scope)

    def _check(
        self, block: ResourceBlock, within: ModuleInstance, repetition: Repetition, part: str, scope: Scope
    ) -> None:
        """Check the conditions of an instance that are for before it is made, or for after."""
        lifecycle, word = block.lifecycle, "precondition" if part == "before" else "postcondition"
        conditions = lifecycle.preconditions if part == "before" else lifecycle.postconditions
        if conditions:
            verdict = check_conditions(conditions, scope, f"Resource {word} failed")
            address = ResourceAddress(within.address, block.mode, block.type, block.name).instance(repetition.key)
            self._names.judge("resource", str(address), part, verdict)

    def verdicts(self) -> dict[tuple[str, str], str]:
        """How conditions turned out so far, `pass` or `unknown`, by kind of object (`resource`, `output`, `var`)."""
        with self._lock:
            return self._names.verdicts()

    def assertions(self, within: ModuleInstance, check: Check) -> tuple[str, list[Diagnostic]]:
        """How a check turns out: pass, fail, unknown or error; and what there is to say of it."""
        with self._lock:
            return verdicts(check.asserts, self._names.scope(within))

    # Everything else.

    def provider(self, within: ModuleInstance, block: ProviderBlock, schema: Schema) -> Object:
        """The arguments of a provider block.

        Raises:
            DiagnosticError: with every problem of the block.
        """
        with self._lock:
            scope = self._names.scope(within)
            return decode(
                block.body, schema.rows, scope, block.range, f"provider {block.name}", is_recorded=False
            ).object

    def variables(self) -> dict[str, Value]:
        """Values of the root module's variables, every one checked.

        Raises:
            DiagnosticError: with every variable whose value is wrong.
        """

        def checked(name: str) -> Value:
            value = self._names.value(self.root, "var", name)
            self._names.check_validation(self.root, name)
            return value

        return self._each(self.root.module.variables, checked)

    def outputs(self, names: Iterable[str] | None = None) -> dict[str, tuple[Value, bool]]:
        """Output values of the root module, all or those of these names, and whether each is declared sensitive.

        Raises:
            DiagnosticError: with each that can't be evaluated, or is sensitive without saying so.
        """
        declared = self.root.module.outputs
        values = self._each(
            declared if names is None else names, lambda name: self._names.value(self.root, "output", name)
        )
        return {name: (value, declared[name].sensitive) for name, value in values.items()}

    def _each(self, names: Iterable[str], value_of: Callable[[str], Value]) -> dict[str, Value]:
        """The value for each name, or all that is wrong with any."""
        found: dict[str, Value] = {}
        problems = Diagnostics()
        with self._lock:
            for name in sorted(names):
                try:
                    found[name] = value_of(name)
                except DiagnosticError as problem:
                    problems.caught(problem)
        problems.raise_errors()
        return found

    def check(self, within: ModuleInstance, kind: str, name: str) -> None:
        """Evaluate a `var`, `validation`, `local`, `output` or `call` for its errors alone.

        Raises:
            DiagnosticError: it can't be evaluated, or a condition of it fails.
        """
        with self._lock:
            match kind:
                case "var" | "local" | "output":
                    self._names.value(within, kind, name)
                case "validation":
                    self._names.check_validation(within, name)
                case "call":
                    self._names.children(within, name)
