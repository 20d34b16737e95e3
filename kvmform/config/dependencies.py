"""What depends on what, before anything is evaluated: a graph of whole blocks.

It orders the planning of resources and finds cycles; which *instances* depend on each
other is recorded later, while expressions are evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from kvmform.config.block_references import (
    call_references,
    condition_references,
    output_references,
    resource_references,
)
from kvmform.config.imports import import_references
from kvmform.config.module import Import, Module, ModuleCall, ModulePath, ResourceBlock
from kvmform.diagnostics import DiagnosticError, SourceRange
from kvmform.graph.dag import Graph
from kvmform.lang.references import Reference, body_references, references
from kvmform.struct import Struct

__all__ = ["Declaration", "dependency_graph", "refers_to_itself", "reject_cycles", "resource_graph", "targets"]


class Declaration(Struct):
    """One declared thing.

    `kind` is managed, data, var, validation, local, output, provider, call or close. For
    resources `name` is TYPE.NAME. `validation` is the check of a variable that looks at
    other things too; `call` stands for how often a module is there, `close` for everything
    in it.
    """

    module: ModulePath
    kind: str
    name: str

    def __str__(self) -> str:
        prefix = "".join(f"module.{step}." for step in self.module)
        match self.kind:
            case "managed":
                return f"{prefix}{self.name}"
            case "call" | "close":
                return f"{prefix}module.{self.name}"
            case "validation":
                return f"{prefix}var.{self.name} (validation)"
        return f"{prefix}{self.kind}.{self.name}"


def dependency_graph(root: Module) -> Graph[Declaration]:
    """The graph of all declarations of all modules; edges point at what is needed first."""
    graph: Graph[Declaration] = Graph()
    for module in root.walk():
        weaver = _Weaver(graph, module)
        weaver.add_values()
        for block in module.resources.values():
            weaver.add(block.mode, f"{block.type}.{block.name}", _foreign_references(block))
        for name, child in module.children.items():
            weaver.add_call(module.calls[name], child)
    for wanted in root.imports:
        _Weaver(graph, root).add_import(wanted)
    return graph


def _foreign_references(block: ResourceBlock) -> Iterator[Reference]:
    # Referring to itself is an error that validation tells; as a cycle of one it would be told again.
    return (reference for reference in resource_references(block) if not refers_to_itself(block, reference))


def refers_to_itself(block: ResourceBlock, reference: Reference) -> bool:
    """Whether a reference in a resource block means this very resource."""
    names = ("data", block.type, block.name) if block.mode == "data" else (block.type, block.name)
    return (reference.root, *reference.steps)[: len(names)] == names


class _Weaver(Struct):
    """Adds the declarations of one module to the graph."""

    graph: Graph[Declaration]
    module: Module

    def add(self, kind: str, name: str, found: Iterable[Reference]) -> Declaration:
        """A declaration and what it refers to; like everything in a module, it needs the module to be there."""
        path = self.module.path
        node = Declaration(path, kind, name)
        self.graph.add_node(node)
        if path:
            self.graph.add_edge(node, Declaration(path[:-1], "call", path[-1]))
        self._connect(node, self.module, found)
        return node

    def add_values(self) -> None:
        """Variables, locals, outputs and provider blocks."""
        module = self.module
        for variable in module.variables.values():
            node = self.add("var", variable.name, ())
            if variable.validations:
                check = self.add("validation", variable.name, condition_references(variable.validations))
                self.graph.add_edge(check, node)
        for local in module.locals.values():
            self.add("local", local.name, references(local.expression))
        for output in module.outputs.values():
            self.add("output", output.name, output_references(output))
        for reference, provider in module.providers.items():
            self.add("provider", str(reference), body_references(provider.body))

    def add_call(self, call: ModuleCall, child: Module) -> None:
        """A module call: how often it is there, its arguments, and the end of all that is in it."""
        self.add("call", call.name, call_references(call))
        for argument, attribute in call.arguments.items():
            if argument in child.variables:
                self._connect(Declaration(child.path, "var", argument), self.module, references(attribute.expression))
        close = self.add("close", call.name, ())
        for block in child.resources.values():
            self.graph.add_edge(close, Declaration(child.path, block.mode, f"{block.type}.{block.name}"))
        for output in child.outputs:
            self.graph.add_edge(close, Declaration(child.path, "output", output))
        for inner in child.children:
            self.graph.add_edge(close, Declaration(child.path, "close", inner))

    def add_import(self, wanted: Import) -> None:
        """What is imported comes after what says which object that is."""
        node = Declaration(wanted.resource.module.names, "managed", f"{wanted.resource.type}.{wanted.resource.name}")
        if node in self.graph:
            for target in (each for found in import_references(wanted) for each in targets(self.module, found)):
                if target != node:  # That one is imported by what it is, validation tells.
                    self.graph.add_edge(node, target)

    def _connect(self, node: Declaration, module: Module, found: Iterable[Reference]) -> None:
        for reference in found:
            for target in targets(module, reference):
                self.graph.add_edge(node, target)


def targets(module: Module, reference: Reference) -> Iterator[Declaration]:
    """What a reference means; nothing where it means nothing (validation tells that)."""
    steps = [str(step) for step in reference.steps]
    match reference.root, steps:
        case "var", [name, *_] if name in module.variables:
            yield Declaration(module.path, "var", name)
        case "local", [name, *_] if name in module.locals:
            yield Declaration(module.path, "local", name)
        case "module", [name, *rest] if name in module.children:
            call = module.calls[name]
            is_repeated = call.count is not None or call.for_each is not None
            output = rest[is_repeated] if len(rest) > is_repeated else None
            yield Declaration(module.path, "call", name)
            if output in module.children[name].outputs:
                yield Declaration((*module.path, name), "output", output)
            else:
                yield Declaration(module.path, "close", name)
        case "data", [kind, name, *_] if ("data", kind, name) in module.resources:
            yield Declaration(module.path, "data", f"{kind}.{name}")
        case root, [name, *_] if ("managed", root, name) in module.resources:
            yield Declaration(module.path, "managed", f"{root}.{name}")


def reject_cycles(graph: Graph[Declaration], root: Module) -> None:
    """Raise if things need each other.

    Raises:
        DiagnosticError: naming the circle.
    """
    cycle = graph.cycle()
    if cycle is None:
        return
    # A module and its end have the same name.
    names = [name for name, _ in groupby(map(str, cycle))]
    circle = " → ".join(names if len(names) > 1 else names * 2)
    detail = (
        f"These need each other, so none of them can come first: {circle}. Break the circle: remove one of the "
        "references, or give one of them a value that doesn't depend on the others."
    )
    raise DiagnosticError.of("Cycle", detail, next((at for node in cycle if (at := _range_of(root, node))), None))


def _range_of(root: Module, node: Declaration) -> SourceRange | None:
    module = root.descendant(node.module)
    match node.kind:
        case "managed" | "data":
            kind, name = node.name.split(".", 1)
            return module.resources[node.kind, kind, name].range
        case "local":
            return module.locals[node.name].range
        case "output":
            return module.outputs[node.name].range
        case "var" | "validation":
            return module.variables[node.name].range
        case "call" | "close":
            return module.calls[node.name].range
    return None


def resource_graph(graph: Graph[Declaration]) -> Graph[Declaration]:
    """Only the resources, with an edge wherever one needs another, directly or through values."""
    found: Graph[Declaration] = Graph()
    nearest: dict[Declaration, set[Declaration]] = {}
    for node in graph.order():
        needed: set[Declaration] = set()
        for dependency in graph.dependencies(node):
            needed |= {dependency} if _is_resource(dependency) else nearest[dependency]
        nearest[node] = needed
        if _is_resource(node):
            found.add_node(node)
            for dependency in sorted(needed, key=str):
                found.add_edge(node, dependency)
    return found.transitive_reduction()


def _is_resource(node: Declaration) -> bool:
    return node.kind in {"managed", "data"}
