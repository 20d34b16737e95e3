"""The attributes that what changes is made from: `relevant_attributes` of plan JSON.

A client tells from them which drift explains a change. Source: internal/lang/globalref of Terraform 1.11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kvmform.address import ROOT, InstanceAddress, ModuleAddress
from kvmform.config.module import Module, ResourceBlock
from kvmform.config.subject import Subject, subject_of
from kvmform.lang.ast import Body, Expression
from kvmform.lang.references import Key, Reference, body_references, references
from kvmform.plan.change import Action, Mode, Plan
from kvmform.struct import Struct

__all__ = ["relevant_attributes"]

_Part = Expression | Body
_Steps = tuple[str | int, ...]

_REPETITION = frozenset({"count", "each"})
_NAMED_VALUES = frozenset({"local", "path", "terraform", "self"})


class _Context(Struct, eq=False):
    """Parts of the configuration, the module instance that they are evaluated in, and the block that they are in."""

    parts: Sequence[_Part]
    module: ModuleAddress
    block: ResourceBlock | None = None


def relevant_attributes(plan: Plan, root: Module) -> list[dict[str, Any]]:
    """Resources and the way to what is used of each, of all that goes into something that changes."""
    search = _Search(root)
    for change in plan.changes:
        if change.action is not Action.NO_OP or plan.mode is Mode.DESTROY:
            search.body_of(change.address)
    for output in plan.outputs:
        if output.action is not Action.NO_OP and output.name in root.outputs:
            search.expression(root.outputs[output.name].expression, ROOT)
    if plan.mode is not Mode.DESTROY:
        for address in _module_instances(plan, root):
            for inner in root.descendant(address.names).outputs.values():
                search.expression(inner.expression, address)
    return [{"resource": resource, "attribute": list(path)} for resource, path in search.found()]


def _module_instances(plan: Plan, root: Module) -> Iterator[ModuleAddress]:
    """The modules that are called, each as often as there is something in it."""
    known: dict[ModuleAddress, None] = {}
    for change in plan.changes:
        steps = change.address.module.steps
        for length in range(1, len(steps) + 1):
            known.setdefault(ModuleAddress(steps[:length]))
    waiting = [ROOT, *known]
    for address in waiting:
        module = root.descendant(address.names) if root.has(address.names) else None
        for name, call in module.calls.items() if module else ():
            child = address.child(name)
            if call.count is None and call.for_each is None and child not in known:
                known.setdefault(child)
                waiting.append(child)
    return (address for address in known if root.has(address.names))


class _Search:
    """Goes from references to what the named values are made from, until nothing new comes up."""

    def __init__(self, root: Module) -> None:
        self._root = root
        self._seen: set[tuple[ModuleAddress, str, int]] = set()
        self._found: set[tuple[str, _Steps]] = set()
        self._references: dict[_Part, list[Reference]] = {}
        """What each part refers to: many instances share one."""

    def found(self) -> list[tuple[str, _Steps]]:
        """Every resource, with the way to what is used of it."""
        return sorted(self._found, key=str)

    def expression(self, expression: Expression, module: ModuleAddress) -> None:
        """What an expression in a module instance is made from."""
        self._follow([_Context([expression], module)])

    def body_of(self, address: InstanceAddress) -> None:
        """What the arguments of an instance are made from."""
        resource = address.resource
        block = self._block(address.module, (resource.mode, resource.type, resource.name))
        if block is not None:
            self._follow([_Context([block.body], address.module, block)])

    def _follow(self, waiting: list[_Context]) -> None:
        while waiting:
            context = waiting.pop()
            for part in context.parts:
                for reference in self._in(part):
                    subject = subject_of(reference)
                    repeated = id(context.block) if subject.root in _REPETITION else 0
                    key = context.module, subject.text(len(subject.rest)), repeated
                    if key not in self._seen:
                        self._seen.add(key)
                        waiting.append(self._behind(subject, context))

    def _in(self, part: _Part) -> list[Reference]:
        if part not in self._references:
            self._references[part] = body_references(part) if isinstance(part, Body) else references(part)
        return self._references[part]

    def _behind(self, subject: Subject, context: _Context) -> _Context:
        """What makes the object; a resource is noted, too."""
        module = context.module
        match subject.root, subject.steps:
            case (("count" | "each"), _):
                repetition = context.block and (context.block.count or context.block.for_each)
                return _Context([repetition] if repetition else [], module, context.block)
            case "var", (str(name),):
                return self._argument(module, name)
            case "local", (str(name),):
                return self._local(module, name)
            case "module", (str(name), *rest):
                return self._outputs(module, name, rest)
            case "data", (str(kind), str(name), *_):
                return self._resource(subject, module, ("data", kind, name))
            case str(kind), (str(name), *_) if kind not in _NAMED_VALUES:
                return self._resource(subject, module, ("managed", kind, name))
        return _Context([], module)

    def _local(self, module: ModuleAddress, name: str) -> _Context:
        found = self._root.descendant(module.names).locals.get(name) if self._root.has(module.names) else None
        return _Context([] if found is None else [found.expression], module)

    def _argument(self, module: ModuleAddress, name: str) -> _Context:
        """What a module is called with for a variable."""
        if module.is_root:
            return _Context([], module)
        around = ModuleAddress(module.steps[:-1])
        argument = self._root.descendant(around.names).calls[module.names[-1]].arguments.get(name)
        return _Context([] if argument is None else [argument.expression], around)

    def _outputs(self, module: ModuleAddress, name: str, rest: Sequence[str | int]) -> _Context:
        """One output of a module that is called, or all."""
        has_key = bool(rest) and isinstance(rest[0], int | Key)
        address = module.child(name, rest[0] if has_key else None)
        if not self._root.has(address.names):
            return _Context([], address)
        outputs, chosen = self._root.descendant(address.names).outputs, rest[has_key:]
        meant = [each for each in outputs.values() if not chosen or each.name == chosen[0]]
        return _Context([each.expression for each in meant], address)

    def _resource(self, subject: Subject, module: ModuleAddress, names: tuple[str, str, str]) -> _Context:
        """The arguments that make the attribute in question, or all."""
        block = self._block(module, names)
        if block is None:
            return _Context([], module)
        prefix = "" if module.is_root else f"{module}."
        self._found.add((f"{prefix}{subject.text()}", subject.rest))
        if not subject.rest:
            return _Context([block.body], module, block)
        name = subject.rest[0]
        attribute = block.body.attributes.get(str(name))
        inner = [
            each.body for each in block.body.blocks if name in (each.type, *(label.value for label in each.labels))
        ]
        return _Context([attribute.expression, *inner] if attribute is not None else inner, module, block)

    def _block(self, module: ModuleAddress, names: tuple[str, str, str]) -> ResourceBlock | None:
        return self._root.descendant(module.names).resources.get(names) if self._root.has(module.names) else None
