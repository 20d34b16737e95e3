"""A dependency graph: its order, its cycles told as a path, and the parts of it.

Order and cycles are found here, in one pass over dictionaries: every command needs the
order, and importing networkx costs more than ordering 10,000 nodes. networkx serves where
a picture is drawn, which is worth the wait: see :meth:`Graph.transitive_reduction`.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

from kvmform.diagnostics import DiagnosticError

__all__ = ["Graph"]

N = TypeVar("N", bound=Hashable)


class Graph(Generic[N]):
    """Nodes, and edges that mean "depends on".

    Nodes keep the order in which they were added, and every result follows from that
    order alone. Iterating yields the nodes.
    """

    __slots__ = ("_dependencies", "_dependents")

    def __init__(self, nodes: Iterable[N] = ()) -> None:
        self._dependencies: dict[N, dict[N, None]] = {}
        self._dependents: dict[N, dict[N, None]] = {}
        for node in nodes:
            self.add_node(node)

    def add_node(self, node: N) -> None:
        """Add a node; one that is there already stays as it is."""
        if node not in self._dependencies:
            self._dependencies[node] = {}
            self._dependents[node] = {}

    def add_edge(self, node: N, dependency: N) -> None:
        """Make `node` depend on `dependency`; either is added if it is not there."""
        self.add_node(node)
        self.add_node(dependency)
        self._dependencies[node][dependency] = None
        self._dependents[dependency][node] = None

    def dependencies(self, node: N) -> tuple[N, ...]:
        """What a node depends on directly."""
        return tuple(self._dependencies[node])

    def dependents(self, node: N) -> tuple[N, ...]:
        """What depends on a node directly."""
        return tuple(self._dependents[node])

    def edges(self) -> Iterator[tuple[N, N]]:
        """Every edge, as (node, dependency)."""
        for node, dependencies in self._dependencies.items():
            for dependency in dependencies:
                yield node, dependency

    def __iter__(self) -> Iterator[N]:
        return iter(self._dependencies)

    def __contains__(self, node: object) -> bool:
        return node in self._dependencies

    def __len__(self) -> int:
        return len(self._dependencies)

    def order(self) -> list[N]:
        """All nodes, each behind its dependencies, otherwise as near as can be to the order of adding.

        Raises:
            DiagnosticError: there is a cycle; the message tells a shortest one.
        """
        ordered = self._orderable()
        if len(ordered) < len(self):
            path = " → ".join(str(node) for node in self.cycle() or ())
            raise DiagnosticError.of(
                "Dependency cycle",
                f"Each of these depends on the next: {path}. None of them can come first. "
                "Remove one of the references between them, or one of their depends_on arguments.",
            )
        return ordered

    def cycle(self) -> list[N] | None:
        """A cycle as a path that ends where it begins (a, b, a), or None if there is none.

        Of the cycles through its first node it is a shortest one.
        """
        inside = dict.fromkeys(self)
        for node in self._orderable():
            del inside[node]
        if not inside:
            return None
        # What cannot be ordered is on a cycle or leads to one: going on ends in going round.
        node, passed = next(iter(inside)), set[N]()
        while node not in passed:
            passed.add(node)
            node = next(dependency for dependency in self._dependencies[node] if dependency in inside)
        return self._shortest_cycle(node)

    def reversed(self) -> Graph[N]:
        """The same nodes, with every edge turned round: the order in which things are deleted."""
        turned = Graph(self)
        for node, dependency in self.edges():
            turned.add_edge(dependency, node)
        return turned

    def closure(self, nodes: Iterable[N]) -> Graph[N]:
        """The part that these nodes need: they, and all that they depend on, however indirectly."""
        return self._keeping(self.needed_by(nodes), self.edges())

    def needed_by(self, nodes: Iterable[N]) -> set[N]:
        """The nodes of :meth:`closure`."""
        needed = set(nodes)
        waiting = list(needed)
        while waiting:
            fresh = self._dependencies[waiting.pop()].keys() - needed
            needed |= fresh
            waiting.extend(fresh)
        return needed

    def without(self, nodes: Iterable[N]) -> Graph[N]:
        """All but these nodes and what depends on them, however indirectly."""
        gone = set(nodes)
        waiting = list(gone)
        while waiting:
            fresh = self._dependents[waiting.pop()].keys() - gone
            gone |= fresh
            waiting.extend(fresh)
        return self._keeping(set(self) - gone, self.edges())

    def transitive_reduction(self) -> Graph[N]:
        """The fewest edges that say the same: none that follows from others. For pictures.

        Raises:
            DiagnosticError: there is a cycle.
        """
        import networkx as nx  # takes 100 ms, and only pictures need it

        self.order()
        reduced: nx.DiGraph[N] = nx.transitive_reduction(nx.DiGraph(list(self.edges())))
        return self._keeping(set(self), (edge for edge in self.edges() if reduced.has_edge(*edge)))

    def _keeping(self, nodes: set[N], edges: Iterable[tuple[N, N]]) -> Graph[N]:
        part = Graph(node for node in self if node in nodes)
        for node, dependency in edges:
            if node in nodes:
                part.add_edge(node, dependency)
        return part

    def _orderable(self) -> list[N]:
        """The nodes that are neither on a cycle nor depend on one, in order (Kahn's algorithm).

        A heap in place of a queue makes the result a function of the nodes' order only.
        """
        nodes = list(self)
        number = {node: index for index, node in enumerate(nodes)}
        missing = [len(dependencies) for dependencies in self._dependencies.values()]
        ready = [index for index, count in enumerate(missing) if not count]
        ordered: list[N] = []
        while ready:
            node = nodes[heapq.heappop(ready)]
            ordered.append(node)
            for dependent in self._dependents[node]:
                index = number[dependent]
                missing[index] -= 1
                if not missing[index]:
                    heapq.heappush(ready, index)
        return ordered

    def _shortest_cycle(self, start: N) -> list[N]:
        """A shortest path from a node on a cycle back to it (breadth first)."""
        came_from: dict[N, N] = {}
        waiting = deque([start])
        while start not in came_from:
            node = waiting.popleft()
            for dependency in self._dependencies[node]:
                if dependency not in came_from:
                    came_from[dependency] = node
                    waiting.append(dependency)
        path = [start, came_from[start]]
        while path[-1] != start:
            path.append(came_from[path[-1]])
        return path[::-1]
