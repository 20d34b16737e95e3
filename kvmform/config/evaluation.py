"""Evaluation of a configuration: values of variables, locals, outputs and resources on demand.

One :class:`Evaluation` serves one walk over the configuration (a plan, or an apply). The
walker tells it what each resource instance is (:meth:`Evaluation.set_object`); expressions
are then evaluated when somebody needs them, and remembered until something that they read
changes. Whatever is evaluated tells which instances it read.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from kvmform.address import ROOT, InstanceAddress, InstanceKey, ModuleAddress, ResourceAddress
from kvmform.config.block_references import refers_beyond
from kvmform.config.conditions import check_conditions
from kvmform.config.decode import Decoded, decode
from kvmform.config.depends_on import record_depends_on
from kvmform.config.inputs import Input
from kvmform.config.memo import Memo, Read
from kvmform.config.module import Condition, Module, ModulePath, ProviderBlock, ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.named_value import NamedValue
from kvmform.config.objects import Objects, SchemaTable
from kvmform.config.reference_range import first_steps
from kvmform.config.repetition import Repeat, Repetition, RepetitionKind, repeat
from kvmform.config.resolver import Resolver
from kvmform.config.variables import variable_value
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, SourceRange
from kvmform.lang.ast import Expression
from kvmform.lang.evaluate import call_context, evaluate
from kvmform.lang.scope import Scope
from kvmform.schema import Object, Schema
from kvmform.schema import Path as ObjectPath
from kvmform.values.marks import mark, marks_in
from kvmform.values.model import SENSITIVE, Value

__all__ = ["Evaluation", "Surroundings"]

_SENSITIVE = frozenset({SENSITIVE})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What expressions can see of the world: directories, workspace, and the time of the plan."""

    root_directory: Path
    working_directory: Path
    workspace: str
    timestamp: str | None
    """When the plan is made, RFC 3339 in UTC; None where no plan is."""
    planning: bool
    """Whether functions that tell the time or draw lots wait for apply."""


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
        self.root = ModuleInstance(ROOT, root)
        self.surroundings = surroundings
        self._inputs = inputs
        self._schemas = schemas
        self._repeat = repeat
        self._objects = Objects(schemas)
        self._memo = Memo()
        self._is_preparing = False
        self._failures: dict[object, DiagnosticError] = {}
        self._lock = threading.RLock()
        self._context = call_context(
            str(surroundings.root_directory),
            lambda: datetime.now(UTC),
            pure=surroundings.planning,
            plan_timestamp=surroundings.timestamp,
        )

    # What the walker tells.

    def set_instances(self, address: ResourceAddress, kind: RepetitionKind, keys: Iterable[InstanceKey] | None) -> None:
        """Say which instances a resource has, where that doesn't come from the configuration."""
        with self._lock:
            self._objects.set_instances(address, kind, keys)
            self._memo.changed(address)

    def set_object(self, address: InstanceAddress, found: Object, sensitive: frozenset[ObjectPath]) -> None:
        """Say what an instance is: planned with `Unknown` leaves, or real."""
        with self._lock:
            self._objects.set_object(address, found, sensitive)
            self._memo.changed(address)
            self._memo.changed(address.resource)

    def drop_object(self, address: InstanceAddress) -> None:
        """Say that it is not known what an instance is, since it was not made."""
        with self._lock:
            self._objects.drop_object(address)
            self._memo.changed(address)
            self._memo.changed(address.resource)

    def object(self, address: InstanceAddress) -> Object | None:
        """What the walker said that an instance is."""
        with self._lock:
            return self._objects.object(address)

    # What the walker asks.

    def module_instances(self, path: ModulePath) -> list[ModuleInstance]:
        """All instances of the module at a path; none where a call on the way has none.

        Raises:
            DiagnosticError: a `count` or `for_each` is wrong, or known only after apply.
        """
        instances = [self.root]
        for name in path:
            instances = [child for instance in instances for child in self.children(instance, name).values()]
        return instances

    def module_instance(self, address: ModuleAddress) -> ModuleInstance:
        """One module instance, by its address."""
        instance = self.root
        for name, key in address.steps:
            instance = self.children(instance, name)[key]
        return instance

    def expand(self, block: ResourceBlock, within: ModuleInstance) -> dict[InstanceKey, Repetition]:
        """The instances that a block's `count` or `for_each` makes, by key.

        Raises:
            DiagnosticError: it is wrong, or known only after apply.
        """
        address = ResourceAddress(within.address, block.mode, block.type, block.name)

        def compute() -> dict[InstanceKey, Repetition]:
            kind = RepetitionKind.of(block.count, block.for_each)
            found = {r.key: r for r in self._repeat(block.count, block.for_each, self._scope(within))}
            is_known = kind is RepetitionKind.SINGLE or None not in found
            self.set_instances(address, kind, found if is_known else None)
            return found

        with self._lock:
            self._record_expansion(within)
            return self._memo.remembered(address, compute)

    def locate(self, address: InstanceAddress) -> tuple[ResourceBlock, ModuleInstance, Repetition]:
        """Where an instance comes from."""
        within = self.module_instance(address.module)
        resource = address.resource
        block = within.module.resources[resource.mode, resource.type, resource.name]
        return block, within, self.expand(block, within)[address.key]

    def decode(
        self, block: ResourceBlock, within: ModuleInstance, repetition: Repetition
    ) -> tuple[Decoded, frozenset[Read]]:
        """The object that a block describes for one instance, and what was read for it.

        Raises:
            DiagnosticError: with every problem of the block, or every precondition that fails.
        """
        schema = self._schemas[block.mode, block.type]
        with self._lock, self._memo.recording() as reads:
            self.expand(block, within)
            self._memo.record(*self.explicit_reads(block, within))
            scope = self._scope(within, repetition)
            check_conditions(block.lifecycle.preconditions, scope, "Resource precondition failed")
            decoded = decode(block.body, schema.rows, scope, block.range, block.type)
        return decoded, frozenset(reads)

    def explicit_reads(self, block: ResourceBlock, within: ModuleInstance) -> frozenset[Read]:
        """What `depends_on` names, that of the block and those of the module calls around it."""

        def compute() -> frozenset[Read]:
            with self._memo.recording() as reads:
                record_depends_on(self, block.depends_on, within)
            return frozenset(reads)

        with self._lock:
            return self._memo.remembered((within.address, "depends_on", block.mode, block.type, block.name), compute)

    def reads_of(self, expression: Expression, within: ModuleInstance, repetition: Repetition) -> frozenset[Read]:
        """Which instances an expression reads.

        Raises:
            DiagnosticError: it can't be evaluated.
        """
        with self._lock, self._memo.recording() as reads:
            evaluate(expression, self._scope(within, repetition))
        return frozenset(reads)

    def check_postconditions(self, block: ResourceBlock, within: ModuleInstance, repetition: Repetition) -> None:
        """Check what a block demands of its object, as it is planned or real.

        Raises:
            DiagnosticError: with every postcondition that fails.
        """
        if block.lifecycle.postconditions:
            address = ResourceAddress(within.address, block.mode, block.type, block.name).instance(repetition.key)
            with self._lock:
                scope = self._scope(within, repetition).child({"self": self._objects.instance_value(address)})
                check_conditions(block.lifecycle.postconditions, scope, "Resource postcondition failed")

    def provider(self, block: ProviderBlock, schema: Schema) -> Object:
        """The arguments of a provider block in the root module.

        Raises:
            DiagnosticError: with every problem of the block.
        """
        with self._lock:
            scope = self._scope(self.root)
            return decode(block.body, schema.rows, scope, block.range, f"provider {block.name}").object

    def outputs(self) -> dict[str, tuple[Value, bool]]:
        """Output values of the root module, and whether each is declared sensitive.

        Raises:
            DiagnosticError: with each that can't be evaluated, or is sensitive without saying so.
        """
        found: dict[str, tuple[Value, bool]] = {}
        problems = Diagnostics()
        with self._lock:
            for name, output in sorted(self.root.module.outputs.items()):
                try:
                    found[name] = (self.output(self.root, name), output.sensitive)
                except DiagnosticError as problem:
                    problems.caught(problem)
        problems.raise_errors()
        return found

    def variables(self) -> dict[str, Value]:
        """Values of the root module's variables, every one checked.

        Raises:
            DiagnosticError: with every variable whose value is wrong.
        """
        found: dict[str, Value] = {}
        problems = Diagnostics()
        with self._lock:
            for name in sorted(self.root.module.variables):
                try:
                    found[name] = self.variable(self.root, name)
                    self.check(self.root, "validation", name)
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
                case "var":
                    self.variable(within, name)
                case "validation":
                    beyond = [c for c in within.module.variables[name].validations if refers_beyond(c, name)]
                    self._check_validations(within, name, beyond, self._scope(within))
                case "local":
                    self.local(within, name)
                case "output":
                    self.output(within, name)
                case "call":
                    self.children(within, name)

    # How names get their values.

    def record(self, *found: Read) -> None:
        """Note what an expression reads."""
        self._memo.record(*found)

    def local(self, within: ModuleInstance, name: str) -> Value:
        """The value of `local.name` in a module instance; what it read counts as read."""
        return self._value(NamedValue(within, "local", name))

    def variable(self, within: ModuleInstance, name: str) -> Value:
        """The value of `var.name` in a module instance."""
        return self._value(NamedValue(within, "var", name))

    def output(self, within: ModuleInstance, name: str) -> Value:
        """The value of an output of a module instance."""
        return self._value(NamedValue(within, "output", name))

    def children(self, within: ModuleInstance, name: str) -> dict[InstanceKey, ModuleInstance]:
        """The instances of a called module; what decides on them counts as read."""

        def compute() -> dict[InstanceKey, ModuleInstance]:
            call, module = within.module.calls[name], within.module.children[name]
            return {
                r.key: ModuleInstance(within.address.child(name, r.key), module, within, call, r)
                for r in self._repeat(call.count, call.for_each, self._scope(within))
            }

        with self._lock:
            self._record_expansion(within)
            return self._memo.remembered((within.address, "call", name), compute)

    def resource(
        self, within: ModuleInstance, block: ResourceBlock, steps: Sequence[str | int], at: SourceRange
    ) -> tuple[Value, int]:
        """The value of a resource, or of one instance where the first step is its key; and the steps used.

        Raises:
            DiagnosticError: there is a key and should be none, or the other way round.
        """
        address = ResourceAddress(within.address, block.mode, block.type, block.name)
        if self._objects.kind(address) is None and not self.surroundings.planning:
            self.expand(block, within)
        self._check_key(address, steps, at)
        value, used, read = self._objects.value(address, steps)
        self._memo.record(read)
        return value, used

    def _check_key(self, address: ResourceAddress, steps: Sequence[str | int], at: SourceRange) -> None:
        """Tell of `web.id` where there are several, and of `web[0]` where there is one."""
        match self._objects.kind(address), steps:
            case RepetitionKind.COUNT, (str(name), *_) if not name.isdecimal():
                example = f"{address}[count.index]"
            case RepetitionKind.EACH, (str(name), *_) if self._objects.lacks_key(address, name):
                example = f"{address}[each.key]"
            case RepetitionKind.SINGLE, (int(), *_):
                detail = f"{address} has neither count nor for_each, so there is no key behind its name; take it out."
                raise DiagnosticError.of("Unexpected resource instance key", detail, _subject(address, at))
            case _:
                return
        detail = (
            f"There can be several of {address}, so say of which one you want {name}; for example {example}.{name}."
        )
        raise DiagnosticError.of("Missing resource instance key", detail, _subject(address, at))

    def _scope(self, within: ModuleInstance, repetition: Repetition | None = None) -> Scope:
        return Scope(Resolver(self, within), repetition.names if repetition else None, self._context)

    def _record_expansion(self, within: ModuleInstance) -> None:
        """Count as read what decides how often a module is there."""
        if within.parent is not None and within.call is not None:
            self.children(within.parent, within.call.name)

    def _value(self, wanted: NamedValue) -> Value:
        if wanted.key in self._failures:
            raise self._failures[wanted.key]
        if wanted.key in self._memo or self._is_preparing:
            return self._memo.remembered(wanted.key, lambda: self._compute(wanted))
        self._is_preparing = True
        try:
            self._work_out_needed(wanted)
            return self._memo.remembered(wanted.key, lambda: self._compute(wanted))
        finally:
            self._is_preparing = False
            self._failures.clear()

    def _work_out_needed(self, wanted: NamedValue) -> None:
        """Work out what a value refers to before it, in a loop: a long chain of values doesn't nest."""
        begun: set[object] = set()
        pending = [(wanted, False)]
        while pending:
            each, is_prepared = pending.pop()
            if is_prepared and each is not wanted:
                try:
                    self._memo.remembered(each.key, partial(self._compute, each))
                except DiagnosticError as problem:
                    # It is told if somebody really needs the value.
                    self._failures[each.key] = problem
            elif not is_prepared and each.key not in self._memo and each.key not in begun:
                begun.add(each.key)
                pending.append((each, True))
                pending.extend((needed, False) for needed in each.needed(self.children))

    def _compute(self, wanted: NamedValue) -> Value:
        within, name = wanted.within, wanted.name
        match wanted.kind:
            case "local":
                return evaluate(within.module.locals[name].expression, self._scope(within))
            case "var":
                return self._compute_variable(within, name)
        output = within.module.outputs[name]
        scope = self._scope(within)
        record_depends_on(self, output.depends_on, within)
        check_conditions(output.preconditions, scope, "Module output value precondition failed")
        value = evaluate(output.expression, scope)
        if output.sensitive:
            return mark(value, _SENSITIVE)
        if within.parent is None and marks_in(value):
            detail = (
                f'The output "{name}" shows a sensitive value. If that is what you want, say sensitive = true in the '
                "output block; it is then hidden in the terminal, but not in the state file."
            )
            raise DiagnosticError.of("Output refers to sensitive values", detail, output.expression.range)
        return value

    def _compute_variable(self, within: ModuleInstance, name: str) -> Value:
        variable = within.module.variables[name]
        given: Value = None
        is_given, at, origin = False, variable.range, "its default"
        if within.parent is None:
            if supplied := self._inputs.get(name):
                is_given, given, at, origin = True, supplied.value, supplied.range or at, supplied.origin
        elif within.call is not None:
            self._record_expansion(within)
            at = within.call.range
            if argument := within.call.arguments.get(name):
                at = argument.expression.range
                is_given, origin = True, f"the module block at {within.call.range}"
                given = evaluate(argument.expression, self._scope(within.parent, within.repetition))
        value = variable_value(variable, given, is_given, at, origin)
        own = [c for c in variable.validations if not refers_beyond(c, name)]
        # The variable itself is not known yet: its name stands for the value that is checked.
        self._check_validations(within, name, own, self._scope(within).child({"var": {name: value}}))
        return value

    def _check_validations(
        self, within: ModuleInstance, name: str, conditions: Sequence[Condition], scope: Scope
    ) -> None:
        """Check what a variable demands; messages point at the value in a module block, else at the variable."""
        argument = within.call.arguments.get(name) if within.call is not None else None
        at = argument.expression.range if argument is not None else within.module.variables[name].range

        def place(diagnostic: Diagnostic, condition: Condition) -> Diagnostic:
            detail = f"{diagnostic.detail}\n\nThis was checked by the validation rule at {condition.range}."
            return replace(diagnostic, detail=detail, subject=at)

        check_conditions(conditions, scope, "Invalid value for variable", place)


def _subject(address: ResourceAddress, at: SourceRange) -> SourceRange:
    return first_steps(at, 2 if address.mode == "data" else 1, with_key=True)
