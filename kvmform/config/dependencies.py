"""What depends on what, before anything is evaluated: a graph of whole blocks.

It orders the planning of resources and finds cycles; which *instances* depend on each
other is recorded later, while expressions are evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kvmform.config.module import Module, ModulePath, ResourceBlock
from kvmform.diagnostics import DiagnosticError, SourceRange, error
from kvmform.graph.dag import Graph
from kvmform.lang.ast import Expression
from kvmform.lang.references import Reference, body_references, references

__all__ = ["Declaration", "dependency_graph", "module_references", "reject_cycles", "resource_graph", "targets"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declared thing: `kind` is managed, data, var, local, output, call, close or provider.

    For resources `name` is TYPE.NAME. `call` stands for how often a module is there,
    `close` for everything in it.
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
            case _:
                return f"{prefix}{self.kind}.{self.name}"


def dependency_graph(root: Module) -> Graph[Declaration]:
    """The graph of all declarations of all modules; edges point at what is needed first."""
    graph: Graph[Declaration] = Graph()
    for module in root.walk():
        _add_values(graph, module)
        for block in module.resources.values():
            _add_resource(graph, module, block)
        _add_calls(graph, module)
    return graph


def _add_values(graph: Graph[Declaration], module: Module) -> None:
    for name in module.variables:
        graph.add_node(Declaration(module.path, "var", name))
    for local in module.locals.values():
        _connect(graph, Declaration(module.path, "local", local.name), module, references(local.expression))
    for output in module.outputs.values():
        node = Declaration(module.path, "output", output.name)
        _connect(graph, node, module, all_references(output.expression, *output.depends_on))
    for reference, provider in module.providers.items():
        _connect(graph, Declaration(module.path, "provider", str(reference)), module, body_references(provider.body))


def _add_resource(graph: Graph[Declaration], module: Module, block: ResourceBlock) -> None:
    node = Declaration(module.path, block.mode, f"{block.type}.{block.name}")
    found = body_references(block.body)
    repetition = [expression for expression in (block.count, block.for_each) if expression is not None]
    life = block.lifecycle
    conditions = [c.condition for c in (*life.preconditions, *life.postconditions)]
    extra = all_references(*repetition, *block.depends_on, *life.replace_triggered_by, *conditions)
    own = (block.type, block.name) if block.mode == "managed" else ()
    _connect(graph, node, module, (r for r in (*found, *extra) if (r.root, *r.steps[:1]) != own))
    if module.path:
        graph.add_edge(node, Declaration(module.path[:-1], "call", module.path[-1]))


def _add_calls(graph: Graph[Declaration], module: Module) -> None:
    for name, child in module.children.items():
        call = module.calls[name]
        node = Declaration(module.path, "call", name)
        repetition = [expression for expression in (call.count, call.for_each) if expression is not None]
        _connect(graph, node, module, all_references(*repetition, *call.depends_on))
        if module.path:
            graph.add_edge(node, Declaration(module.path[:-1], "call", module.path[-1]))
        for argument, attribute in call.arguments.items():
            if argument in child.variables:
                inner = Declaration(child.path, "var", argument)
                _connect(graph, inner, module, references(attribute.expression))
                graph.add_edge(inner, node)
        close = Declaration(module.path, "close", name)
        graph.add_node(close)
        for block in child.resources.values():
            graph.add_edge(close, Declaration(child.path, block.mode, f"{block.type}.{block.name}"))
        for output in child.outputs:
            graph.add_edge(close, Declaration(child.path, "output", output))
        for inner_call in child.children:
            graph.add_edge(close, Declaration(child.path, "close", inner_call))


def all_references(*expressions: Expression) -> list[Reference]:
    return [reference for expression in expressions for reference in references(expression)]


def _connect(graph: Graph[Declaration], node: Declaration, module: Module, found: Iterable[Reference]) -> None:
    graph.add_node(node)
    for reference in found:
        for target in targets(module, reference):
            graph.add_edge(node, target)


def targets(module: Module, reference: Reference) -> Iterator[Declaration]:
    """What a reference means; nothing where it means nothing (evaluation tells that)."""
    steps = [str(step) for step in reference.steps]
    match reference.root, steps:
        case "var", [name, *_] if name in module.variables:
            yield Declaration(module.path, "var", name)
        case "local", [name, *_] if name in module.locals:
            yield Declaration(module.path, "local", name)
        case "module", [name, *rest] if name in module.children:
            outputs = module.children[name].outputs
            wanted = next((step for step in rest if step in outputs), None)
            yield Declaration(module.path, "call", name)
            if wanted is not None:
                yield Declaration((*module.path, name), "output", wanted)
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
    circle = " → ".join(str(node) for node in cycle)
    detail = (
        f"These need each other, so none of them can come first: {circle}. Break the circle: remove one of the "
        "references, or give one of them a value that doesn't depend on the others."
    )
    raise DiagnosticError(error("Cycle", detail, _range_of(root, cycle[0])))


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
        case "var":
            return module.variables[node.name].range
        case "call" | "close":
            return module.calls[node.name].range
    return None


def module_references(module: Module) -> Iterator[Reference]:
    """Every reference that stands in a module, nested ones too."""
    for local in module.locals.values():
        yield from references(local.expression)
    for output in module.outputs.values():
        yield from all_references(output.expression, *output.depends_on)
    for block in module.resources.values():
        yield from body_references(block.body)
        yield from all_references(*(e for e in (block.count, block.for_each, *block.depends_on) if e is not None))
    for call in module.calls.values():
        yield from all_references(*(a.expression for a in call.arguments.values()))
        yield from all_references(*(e for e in (call.count, call.for_each, *call.depends_on) if e is not None))
    for provider in module.providers.values():
        yield from body_references(provider.body)


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
