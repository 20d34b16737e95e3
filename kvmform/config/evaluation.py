"""Evaluation of a configuration: values of variables, locals, outputs and resources on demand.

One :class:`Evaluation` serves one walk over the configuration (a plan, or an apply). The
walker tells it what each resource instance is (:meth:`Evaluation.set_instances`,
:meth:`Evaluation.set_object`); expressions are then evaluated when somebody needs them, and
remembered. Whatever is evaluated tells which instances it read.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kvmform.address import ROOT, InstanceAddress, InstanceKey, ModuleAddress, ResourceAddress
from kvmform.config.decode import Decoded, decode
from kvmform.config.inputs import Input
from kvmform.config.module import Condition, Module, ModulePath, ProviderBlock, ResourceBlock
from kvmform.config.module_instance import ModuleInstance, Read
from kvmform.config.repetition import Repetition, repeat
from kvmform.config.resolver import Resolver
from kvmform.config.validate import SchemaTable
from kvmform.config.variables import check_conditions, variable_value
from kvmform.diagnostics import Diagnostic, DiagnosticError, SourceRange
from kvmform.lang.ast import Expression
from kvmform.lang.evaluate import evaluate, evaluate_template
from kvmform.lang.functions.signature import CallContext
from kvmform.lang.references import references
from kvmform.lang.scope import Scope
from kvmform.schema import Object, Schema
from kvmform.schema import Path as ObjectPath
from kvmform.values.marks import is_sensitive, mark, mark_paths
from kvmform.values.model import SENSITIVE, Unknown, Value
from kvmform.values.plain import from_plain
from kvmform.values.types import DYNAMIC, NUMBER, STRING

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


@dataclass(slots=True)
class _Instances:
    """What is known of a resource: how it repeats, and the objects that it has so far."""

    schema: Schema
    kind: str = "single"
    keys: Sequence[InstanceKey] = ()
    objects: dict[InstanceKey, tuple[Object, frozenset[ObjectPath]]] = field(default_factory=dict)
    values: dict[InstanceKey, Value] = field(default_factory=dict)


class Evaluation:
    """Evaluates on demand; safe to use from several threads."""

    def __init__(
        self, root: Module, inputs: Mapping[str, Input], schemas: SchemaTable, surroundings: Surroundings
    ) -> None:
        self.root = ModuleInstance(ROOT, root)
        self.surroundings = surroundings
        self._inputs = inputs
        self._schemas = schemas
        self._resources: dict[ResourceAddress, _Instances] = {}
        self._reads: list[set[Read]] = []
        self._lock = threading.RLock()
        self._context = CallContext(
            directory=str(surroundings.root_directory),
            evaluate=evaluate_template,
            now=lambda: datetime.now(UTC),
            pure=surroundings.planning,
            plan_timestamp=surroundings.timestamp,
        )

    # What the walker tells.

    def set_instances(self, address: ResourceAddress, kind: str, keys: Sequence[InstanceKey]) -> None:
        """Say how a resource repeats: `kind` is `single`, `count`, `each`, or `unknown`."""
        with self._lock:
            known = self._instances(address)
            known.kind, known.keys = kind, keys

    def set_object(self, address: InstanceAddress, found: Object, sensitive: frozenset[ObjectPath]) -> None:
        """Say what an instance is: planned with `Unknown` leaves, or real."""
        with self._lock:
            known = self._instances(address.resource)
            known.objects[address.key] = (found, sensitive)
            known.values.pop(address.key, None)

    def _instances(self, address: ResourceAddress) -> _Instances:
        found = self._resources.get(address)
        if found is None:
            found = self._resources[address] = _Instances(self._schemas[address.mode, address.type])
        return found

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

    def any_instance(self, path: ModulePath) -> ModuleInstance:
        """A stand-in for every instance of a module: `count` and `each` of its call are unknown."""
        instance = self.root
        for name in path:
            known = instance.children.get(name)
            if known is None:
                call = instance.module.calls[name]
                names = {"count": {"index": Unknown(NUMBER)}, "each": {"key": Unknown(STRING), "value": Unknown()}}
                child = ModuleInstance(
                    instance.address.child(name),
                    instance.module.children[name],
                    instance,
                    call,
                    Repetition(None, names),
                )
                known = instance.children[name] = ({None: child}, frozenset())
            instance = known[0][None]
        return instance

    def repetitions(self, block: ResourceBlock, within: ModuleInstance) -> dict[InstanceKey, Repetition]:
        """The instances that a block's `count` or `for_each` makes, by key."""
        with self._lock:
            name = (block.mode, block.type, block.name)
            if name not in within.repetitions:
                found = repeat(block.count, block.for_each, self._scope(within))
                within.repetitions[name] = {repetition.key: repetition for repetition in found}
            return within.repetitions[name]

    def repetition(self, block: ResourceBlock, within: ModuleInstance, key: InstanceKey) -> Repetition:
        """One instance of a block."""
        return self.repetitions(block, within)[key]

    def forget(self) -> None:
        """Drop what was evaluated, so that it is evaluated again with what is known by then."""
        with self._lock:
            self.root.memo.clear()
            self.root.children.clear()
            self.root.repetitions.clear()

    def decode(
        self, block: ResourceBlock, within: ModuleInstance, repetition: Repetition
    ) -> tuple[Decoded, frozenset[Read]]:
        """The object that a block describes for one instance, and what was read for it.

        Raises:
            DiagnosticError: with every problem of the block.
        """
        schema = self._schemas[block.mode, block.type]
        with self._lock, self._recording() as reads:
            self._record_expansion(within)
            scope = self._scope(within, repetition)
            decoded = decode(block.body, schema.rows, scope, block.range, block.type)
            for expression in (e for e in (block.count, block.for_each) if e is not None):
                evaluate(expression, self._scope(within))
            for expression in (*block.depends_on, *self._inherited_depends_on(within)):
                self._read_whole(expression, within)
            check_conditions(
                block.lifecycle.preconditions, scope, "Resource precondition failed", lambda message: message
            )
        return decoded, frozenset(reads)

    def provider(self, block: ProviderBlock, schema: Schema) -> Object:
        """The arguments of a provider block in the root module."""
        with self._lock:
            scope = self._scope(self.root)
            return decode(block.body, schema.rows, scope, block.range, f"provider {block.name}").object

    def outputs(self) -> dict[str, tuple[Value, bool]]:
        """Output values of the root module, and whether each is declared sensitive.

        Raises:
            DiagnosticError: one can't be evaluated, or is sensitive without saying so.
        """
        found: dict[str, tuple[Value, bool]] = {}
        with self._lock:
            for name, output in sorted(self.root.module.outputs.items()):
                value = self.output(self.root, name)
                if is_sensitive(value) and not output.sensitive:
                    detail = (
                        f'The output "{name}" shows a sensitive value. If that is what you want, say '
                        "sensitive = true in the output block; it is then hidden in the terminal, and in state as text."
                    )
                    raise DiagnosticError.of("Output refers to sensitive values", detail, output.expression.range)
                found[name] = (value, output.sensitive)
        return found

    def variables(self) -> dict[str, Value]:
        """Values of the root module's variables, every one checked.

        Raises:
            DiagnosticError: with every variable whose value is wrong.
        """
        found: dict[str, Value] = {}
        problems: list[Diagnostic] = []
        with self._lock:
            for name in sorted(self.root.module.variables):
                try:
                    found[name] = self.variable(self.root, name)
                except DiagnosticError as problem:
                    problems.extend(problem.diagnostics)
        if problems:
            raise DiagnosticError(*problems)
        return found

    def check(self, within: ModuleInstance, kind: str, name: str) -> None:
        """Evaluate a variable (`var`), local value or output value for its errors alone.

        Raises:
            DiagnosticError: it can't be evaluated.
        """
        with self._lock:
            match kind:
                case "var":
                    self.variable(within, name)
                case "local":
                    self.local(within, name)
                case "output":
                    self.output(within, name)

    def evaluate(self, expression: Expression) -> Value:
        """Evaluate an expression in the root module."""
        with self._lock:
            return evaluate(expression, self._scope(self.root))

    # How names get their values.

    def _scope(self, within: ModuleInstance, repetition: Repetition | None = None) -> Scope:
        return Scope(Resolver(self, within), repetition.names if repetition else None, self._context)

    @contextmanager
    def _recording(self) -> Iterator[set[Read]]:
        reads: set[Read] = set()
        self._reads.append(reads)
        try:
            yield reads
        finally:
            self._reads.pop()

    def record(self, *found: Read) -> None:
        """Note what an expression reads."""
        if self._reads:
            self._reads[-1].update(found)

    def _remembered(self, within: ModuleInstance, kind: str, name: str, compute: Any) -> Value:
        known = within.memo.get((kind, name))
        if known is None:
            with self._recording() as reads:
                value = compute()
            known = within.memo[kind, name] = (value, frozenset(reads))
        self.record(*known[1])
        return known[0]

    def local(self, within: ModuleInstance, name: str) -> Value:
        """The value of `local.name` in a module instance; what it read counts as read."""
        expression = within.module.locals[name].expression
        return self._remembered(within, "local", name, lambda: evaluate(expression, self._scope(within)))

    def variable(self, within: ModuleInstance, name: str) -> Value:
        """The value of `var.name` in a module instance."""
        return self._remembered(within, "var", name, lambda: self._compute_variable(within, name))

    def _compute_variable(self, within: ModuleInstance, name: str) -> Value:
        variable = within.module.variables[name]
        given: Value = None
        at: SourceRange | None = None
        if within.parent is None:
            supplied = self._inputs.get(name)
            is_given = supplied is not None
            if supplied is not None:
                given, at = supplied.value, supplied.range
        else:
            assert within.call is not None
            argument = within.call.arguments.get(name)
            is_given = argument is not None
            if argument is not None:
                given = evaluate(argument.expression, self._scope(within.parent, within.repetition))
                at = argument.expression.range
        value = variable_value(variable, given, is_given, at)
        if variable.validations:
            scope = self._scope(within).child({"var": {**_siblings(within, variable.validations), name: value}})
            check_conditions(
                variable.validations, scope, "Invalid value for variable", lambda message: f"{message} ({name})"
            )
        return value

    def output(self, within: ModuleInstance, name: str) -> Value:
        """The value of an output of a module instance."""
        output = within.module.outputs[name]

        def compute() -> Value:
            for expression in (*output.depends_on, *self._inherited_depends_on(within)):
                self._read_whole(expression, within)
            value = evaluate(output.expression, self._scope(within))
            return mark(value, _SENSITIVE) if output.sensitive else value

        return self._remembered(within, "output", name, compute)

    def children(self, within: ModuleInstance, name: str) -> dict[InstanceKey, ModuleInstance]:
        """The instances of a called module; what decides on them counts as read."""
        with self._lock:
            known = within.children.get(name)
            if known is None:
                call = within.module.calls[name]
                module = within.module.children[name]
                with self._recording() as reads:
                    repetitions = repeat(call.count, call.for_each, self._scope(within))
                instances = {
                    r.key: ModuleInstance(within.address.child(name, r.key), module, within, call, r)
                    for r in repetitions
                }
                known = within.children[name] = (instances, frozenset(reads))
            self.record(*known[1])
            return known[0]

    def _record_expansion(self, within: ModuleInstance) -> None:
        """Count as read what decides how often a module, and those around it, are there."""
        while within.parent is not None and within.call is not None:
            self.children(within.parent, within.call.name)
            within = within.parent

    def _inherited_depends_on(self, within: ModuleInstance) -> Iterator[Expression]:
        if within.call is not None:
            yield from within.call.depends_on

    def _read_whole(self, expression: Expression, within: ModuleInstance) -> None:
        """Record all that a `depends_on` entry names, in this module or, for a call's, around it."""
        for reference in references(expression):
            steps = [str(step) for step in reference.steps]
            for instance in (within, *([within.parent] if within.parent else [])):
                if reference.root == "module" and steps and steps[0] in instance.module.children:
                    self.record(*self._all_resources(instance, steps[0]))
                    break
                mode, names = ("data", steps) if reference.root == "data" else ("managed", [reference.root, *steps])
                if len(names) >= 2 and (mode, names[0], names[1]) in instance.module.resources:
                    self.record(ResourceAddress(instance.address, mode, names[0], names[1]))
                    break

    def _all_resources(self, within: ModuleInstance, call: str) -> Iterator[ResourceAddress]:
        for child in self.children(within, call).values():
            for mode, kind, name in child.module.resources:
                yield ResourceAddress(child.address, mode, kind, name)
            for inner in child.module.calls:
                yield from self._all_resources(child, inner)

    def resource(self, address: ResourceAddress, steps: tuple[Any, ...]) -> tuple[Value, int]:
        """The value of a resource, or of one instance when the first step is its key."""
        known = self._instances(address)
        if known.kind == "unknown":
            return Unknown(), len(steps)
        if known.kind == "single":
            self.record(address.instance())
            return self._object(known, None), 0
        if steps and _is_key_of(known, steps[0]):
            key = int(steps[0]) if known.kind == "count" else steps[0]
            self.record(address.instance(key))
            return self._object(known, key), 1
        self.record(address)
        if known.kind == "count":
            return tuple(self._object(known, key) for key in known.keys), 0
        return {str(key): self._object(known, key) for key in known.keys}, 0

    def _object(self, known: _Instances, key: InstanceKey) -> Value:
        value = known.values.get(key)
        if value is None:
            if key not in known.objects:
                return Unknown(known.schema.type)
            found, sensitive = known.objects[key]
            value = mark_paths(from_plain(found, known.schema.type), sensitive, _SENSITIVE)
            known.values[key] = value
        return value


def _is_key_of(known: _Instances, step: Any) -> bool:
    if known.kind == "count":
        return (isinstance(step, int) and 0 <= step < len(known.keys)) or (
            isinstance(step, str) and step.isdigit() and int(step) < len(known.keys)
        )
    return isinstance(step, str) and step in known.objects


def _siblings(within: ModuleInstance, conditions: Iterable[Condition]) -> dict[str, Value]:
    """Other variables that the conditions of a validation mention."""
    found: dict[str, Value] = {}
    for condition in conditions:
        expressions = [condition.condition, *([condition.error_message] if condition.error_message else [])]
        for expression in expressions:
            for reference in references(expression):
                if reference.root == "var" and reference.steps and reference.steps[0] in within.module.variables:
                    found[str(reference.steps[0])] = Unknown(DYNAMIC)
    return found
