"""What names mean: variables, locals, outputs, modules and resources, worked out when somebody asks.

Values are remembered until something that they read changes. Whatever is worked out tells
which instances it read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from kvmform.address import ROOT, InstanceKey, ResourceAddress
from kvmform.config.block_references import refers_beyond
from kvmform.config.conditions import VERDICTS, check_conditions
from kvmform.config.depends_on import record_depends_on
from kvmform.config.inputs import Input, unknown_input
from kvmform.config.memo import Memo
from kvmform.config.module import Condition, Module, Output, ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.named_value import NamedValue
from kvmform.config.objects import Objects, SchemaTable
from kvmform.config.repetition import Repeat, Repetition, RepetitionKind, repeat_any
from kvmform.config.resolver import Resolver
from kvmform.config.surroundings import Surroundings
from kvmform.config.variables import variable_value
from kvmform.diagnostics import Diagnostic, DiagnosticError, SourceRange
from kvmform.lang.evaluate import evaluate
from kvmform.lang.scope import Scope
from kvmform.struct import replace
from kvmform.values.marks import mark, marks_in
from kvmform.values.model import EPHEMERAL, SENSITIVE, Value
from kvmform.values.plain import to_plain

__all__ = ["Names"]

_SENSITIVE = frozenset({SENSITIVE})


class Names:
    """The names of one evaluation. One thread at a time.

    `objects` has what resources are; who changes it says so to `memo`.
    """

    def __init__(
        self,
        root: Module,
        inputs: Mapping[str, Input],
        schemas: SchemaTable,
        surroundings: Surroundings,
        repeat: Repeat,
    ) -> None:
        self.root = ModuleInstance(ROOT, root)
        self.surroundings = surroundings
        self.objects = Objects(schemas)
        self.memo = Memo()
        self._inputs = inputs
        self._repeat = repeat
        # Who knows nothing of how often things are there wants to know what holds for any values of variables.
        self._is_general = repeat is repeat_any
        self._context = surroundings.call_context()
        self._is_preparing = False
        self._failures: dict[object, DiagnosticError] = {}
        self._verdicts: dict[tuple[str, str], dict[str, str]] = {}

    def judge(self, kind: str, address: str, part: str, verdict: str) -> None:
        """Note how conditions of an object turn out: those before it is made, or after, or of its value."""
        self._verdicts.setdefault((kind, address), {})[part] = verdict

    def verdicts(self) -> dict[tuple[str, str], str]:
        """How the conditions of each object turned out, by its kind (`resource`, `output`, `var`) and address."""
        return {each: max(found.values(), key=VERDICTS.index) for each, found in self._verdicts.items()}

    def scope(self, within: ModuleInstance, repetition: Repetition | None = None) -> Scope:
        """What expressions of a module instance see."""
        return Scope(Resolver(self, within), repetition.names if repetition else None, self._context)

    # Modules and resources.

    def children(self, within: ModuleInstance, name: str) -> dict[InstanceKey, ModuleInstance]:
        """The instances of a called module; what decides on them counts as read."""

        def compute() -> dict[InstanceKey, ModuleInstance]:
            call, module = within.module.calls[name], within.module.children[name]
            return {
                r.key: ModuleInstance(within.address.child(name, r.key), module, within, call, r)
                for r in self._repeat(call.count, call.for_each, self.scope(within))
            }

        self._record_expansion(within)
        return self.memo.remembered((within.address, "call", name), compute)

    def expand(self, block: ResourceBlock, within: ModuleInstance) -> dict[InstanceKey, Repetition]:
        """The instances that a block's `count` or `for_each` makes, by key.

        Raises:
            DiagnosticError: it is wrong, or known only after apply.
        """
        address = ResourceAddress(within.address, block.mode, block.type, block.name)

        def compute() -> dict[InstanceKey, Repetition]:
            kind = RepetitionKind.of(block.count, block.for_each)
            found = {r.key: r for r in self._repeat(block.count, block.for_each, self.scope(within))}
            is_known = kind is RepetitionKind.SINGLE or None not in found
            self.objects.set_instances(address, kind, found if is_known else None)
            self.memo.changed(address)
            return found

        self._record_expansion(within)
        return self.memo.remembered(address, compute)

    def _record_expansion(self, within: ModuleInstance) -> None:
        """Count as read what decides how often a module is there."""
        if within.parent is not None and within.call is not None:
            self.children(within.parent, within.call.name)

    def resource(self, within: ModuleInstance, block: ResourceBlock, steps: Sequence[str | int]) -> tuple[Value, int]:
        """The value of a resource, or of one instance where the first step is its key; and the steps used."""
        address = ResourceAddress(within.address, block.mode, block.type, block.name)
        if self.objects.kind(address) is None and not self.surroundings.planning:
            self.expand(block, within)
        value, used, read = self.objects.value(address, steps)
        self.memo.record(read)
        return value, used

    # Variables, local values, outputs.

    def value(self, within: ModuleInstance, kind: str, name: str) -> Value:
        """The value of a `var`, `local` or `output` of a module instance; what it read counts as read."""
        wanted = NamedValue(within, kind, name)
        if wanted.key in self._failures:
            raise self._failures[wanted.key]
        if wanted.key in self.memo or self._is_preparing:
            return self.memo.remembered(wanted.key, lambda: self._compute(wanted))
        self._is_preparing = True
        try:
            self._work_out_needed(wanted)
            return self.memo.remembered(wanted.key, lambda: self._compute(wanted))
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
                    self.memo.remembered(each.key, partial(self._compute, each))
                except DiagnosticError as problem:
                    # It is told if somebody really needs the value.
                    self._failures[each.key] = problem
            elif not is_prepared and each.key not in self.memo and each.key not in begun:
                begun.add(each.key)
                pending.append((each, True))
                pending.extend((needed, False) for needed in each.needed(self.children))

    def _compute(self, wanted: NamedValue) -> Value:
        within, name = wanted.within, wanted.name
        match wanted.kind:
            case "local":
                return evaluate(within.module.locals[name].expression, self.scope(within))
            case "var":
                return self._variable(within, name)
        return self._output(within, name)

    def _output(self, within: ModuleInstance, name: str) -> Value:
        output, scope = within.module.outputs[name], self.scope(within)
        record_depends_on(self, output.depends_on, within)
        if output.preconditions:
            verdict = check_conditions(output.preconditions, scope, "Module output value precondition failed")
            self.judge("output", within.address.named("output", name), "before", verdict)
        value = evaluate(output.expression, scope)
        _check_shown(output, value, is_root=within.parent is None)
        if within.parent is None:
            _check_recordable(value, f'The value of the output "{name}"', output.expression.range)
        return mark(value, _SENSITIVE) if output.sensitive else value

    def _variable(self, within: ModuleInstance, name: str) -> Value:
        variable = within.module.variables[name]
        given: Value = None
        is_given, at, origin = False, variable.range, "its default"
        if within.parent is None:
            if supplied := self._inputs.get(name):
                is_given, given, at, origin = True, supplied.value, supplied.range or at, supplied.origin
        elif within.call is not None:
            self._record_expansion(within)
            at = within.call.opening
            if argument := within.call.arguments.get(name):
                at = argument.expression.range
                is_given, origin = True, f"the module block at {within.call.range}"
                given = evaluate(argument.expression, self.scope(within.parent, within.repetition))
        value = variable_value(variable, given, is_given, at, origin)
        if within.parent is None:
            _check_recordable(value, f"The value of var.{name}", at)
        own = [c for c in variable.validations if not refers_beyond(c, name)]
        # The variable itself is not known yet: its name stands for the value that is checked.
        self._check(own, within, name, self.scope(within).child({"var": {name: value}}), "alone")
        if self._is_general and within.parent is not None:
            return variable_value(variable, unknown_input(variable).value, True, at, origin)
        return value

    def check_validation(self, within: ModuleInstance, name: str) -> None:
        """Check those validations of a variable that look at other things too; the others are part of its value.

        Raises:
            DiagnosticError: with every one that fails.
        """
        beyond = [c for c in within.module.variables[name].validations if refers_beyond(c, name)]
        self._check(beyond, within, name, self.scope(within), "beyond")

    def _check(
        self, conditions: Sequence[Condition], within: ModuleInstance, name: str, scope: Scope, part: str
    ) -> None:
        """Check validations; messages point at the value in a module block, else at the variable."""
        if not conditions:
            return
        argument = within.call.arguments.get(name) if within.call is not None else None
        at = argument.expression.range if argument is not None else within.module.variables[name].range

        def place(diagnostic: Diagnostic, condition: Condition) -> Diagnostic:
            detail = f"{diagnostic.detail}\n\nThis was checked by the validation rule at {condition.range}."
            return replace(diagnostic, detail=detail, subject=at)

        unfit = "Invalid variable validation result"
        verdict = check_conditions(conditions, scope, "Invalid value for variable", place, unfit)
        self.judge("var", within.address.named("var", name), part, verdict)


def _check_recordable(value: Value, what: str, at: SourceRange) -> None:
    """Refuse what no plan and no state file can hold."""
    try:
        to_plain(value)
    except ValueError as problem:
        raise DiagnosticError.of("Value can't be recorded", f"{what} can't be kept in a file: {problem}.", at) from None


def _check_shown(output: Output, value: Value, *, is_root: bool) -> None:
    """Refuse what an output must not show, or must not keep."""
    marks, at = marks_in(value), output.expression.range
    if EPHEMERAL in marks and not output.ephemeral:
        detail = (
            f'The output "{output.name}" is not declared as returning an ephemeral value, so it cannot be set to a '
            "result derived from an ephemeral value."
        )
        raise DiagnosticError.of("Ephemeral value not allowed", detail, at)
    if is_root and SENSITIVE in marks and not output.sensitive:
        detail = (
            f'The output "{output.name}" shows a sensitive value. If that is what you want, say sensitive = true in '
            "the output block; it is then hidden in the terminal, but not in the state file."
        )
        raise DiagnosticError.of("Output refers to sensitive values", detail, output.range)
