"""A dependency graph: order, cycles, and parts of it."""

import itertools
import os
import subprocess
import sys
import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvmform.diagnostics import DiagnosticError
from kvmform.graph.dag import Graph


def graph_of(**dependencies: str) -> Graph[str]:
    """`graph_of(a="b c")`: a depends on b and on c."""
    graph = Graph(dependencies)
    for node, names in dependencies.items():
        for name in names.split():
            graph.add_edge(node, name)
    return graph


@st.composite
def acyclic_graphs(draw: st.DrawFn) -> Graph[int]:
    """Graphs whose edges all lead to a node of a lower rank; nodes are added in any order."""
    size = draw(st.integers(0, 12))
    ranks = draw(st.permutations(range(size)))
    graph = Graph(ranks)
    for node, dependency in draw(st.lists(st.tuples(st.sampled_from(ranks), st.sampled_from(ranks)))) if size else []:
        if dependency < node:
            graph.add_edge(node, dependency)
    return graph


def reach(graph: Graph[int], node: int) -> set[int]:
    return {node}.union(*(reach(graph, dependency) for dependency in graph.dependencies(node)))


def test_nodes_keep_the_order_of_adding_and_are_there_once() -> None:
    graph = Graph(["b", "a"])
    graph.add_node("b")
    graph.add_edge("a", "c")
    assert list(graph) == ["b", "a", "c"]
    assert len(graph) == 3
    assert "c" in graph
    assert "d" not in graph


def test_an_edge_is_known_from_both_of_its_ends() -> None:
    graph = graph_of(a="b c", d="c")
    assert graph.dependencies("a") == ("b", "c")
    assert graph.dependents("c") == ("a", "d")
    assert list(graph.edges()) == [("a", "b"), ("a", "c"), ("d", "c")]


@pytest.mark.parametrize(
    ("dependencies", "order"),
    [
        ({}, ""),
        ({"a": "", "b": "", "c": ""}, "a b c"),
        ({"a": "c", "b": "", "c": ""}, "b c a"),
        ({"a": "b", "b": "c", "c": ""}, "c b a"),
        ({"web": "disk net", "net": "", "disk": "pool", "pool": ""}, "net pool disk web"),
    ],
)
def test_order_puts_dependencies_first_and_else_keeps_the_order_of_adding(
    dependencies: dict[str, str], order: str
) -> None:
    assert graph_of(**dependencies).order() == order.split()


@given(acyclic_graphs(), st.randoms())
def test_order_does_not_depend_on_the_order_in_which_edges_were_added(graph: Graph[int], random: Random) -> None:
    edges = list(graph.edges())
    random.shuffle(edges)
    other = Graph(graph)
    for edge in edges:
        other.add_edge(*edge)
    assert other.order() == graph.order()


@given(acyclic_graphs())
def test_every_node_is_in_the_order_once_behind_its_dependencies(graph: Graph[int]) -> None:
    order = graph.order()
    place = {node: index for index, node in enumerate(order)}
    assert sorted(order) == sorted(graph)
    assert all(place[dependency] < place[node] for node, dependency in graph.edges())
    assert graph.cycle() is None


@pytest.mark.parametrize(
    ("dependencies", "cycle"),
    [
        ({"a": "a"}, "a a"),
        ({"a": "b", "b": "a"}, "a b a"),
        ({"x": "a", "a": "b", "b": "c", "c": "a", "y": ""}, "a b c a"),
        ({"a": "b", "b": "c a", "c": "d", "d": "a"}, "a b a"),
    ],
)
def test_a_cycle_is_a_shortest_path_that_ends_where_it_begins(dependencies: dict[str, str], cycle: str) -> None:
    assert graph_of(**dependencies).cycle() == cycle.split()


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6))))
def test_either_there_is_an_order_or_a_cycle_made_of_edges(edges: list[tuple[int, int]]) -> None:
    graph: Graph[int] = Graph()
    for edge in edges:
        graph.add_edge(*edge)
    cycle = graph.cycle()
    if cycle is None:
        assert len(graph.order()) == len(graph)
    else:
        assert cycle[0] == cycle[-1]
        assert len(set(cycle)) == len(cycle) - 1
        assert set(itertools.pairwise(cycle)) <= set(edges)


def test_order_of_a_cycle_is_an_error_that_tells_the_path() -> None:
    with pytest.raises(DiagnosticError) as caught:
        graph_of(a="b", b="a").order()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.summary == "Dependency cycle"
    assert "a → b → a" in diagnostic.detail


def test_reversed_turns_every_edge_round_and_keeps_the_nodes() -> None:
    turned = graph_of(a="b c", d="").reversed()
    assert list(turned) == ["a", "d", "b", "c"]
    assert list(turned.edges()) == [("b", "a"), ("c", "a")]


def test_closure_is_what_the_nodes_need_and_no_more() -> None:
    part = graph_of(other="disk", web="disk net", disk="pool", net="", pool="").closure(["web"])
    assert list(part) == ["web", "disk", "net", "pool"]
    assert list(part.edges()) == [("web", "disk"), ("web", "net"), ("disk", "pool")]


@given(acyclic_graphs(), st.sets(st.integers(0, 11)))
def test_closure_holds_exactly_what_can_be_reached(graph: Graph[int], chosen: set[int]) -> None:
    nodes = [node for node in graph if node in chosen]
    assert set(graph.closure(nodes)) == set().union(*(reach(graph, node) for node in nodes))


def test_reduction_drops_the_edges_that_follow_from_others() -> None:
    reduced = graph_of(a="c b", b="c", c="", alone="").transitive_reduction()
    assert list(reduced) == ["a", "b", "c", "alone"]
    assert list(reduced.edges()) == [("a", "b"), ("b", "c")]


@given(acyclic_graphs())
@settings(max_examples=50)
def test_reduction_reaches_the_same_and_has_no_edge_to_spare(graph: Graph[int]) -> None:
    reduced = graph.transitive_reduction()
    assert all(reach(reduced, node) == reach(graph, node) for node in graph)
    for node, dependency in reduced.edges():
        others = set(reduced.dependencies(node)) - {dependency}
        assert all(dependency not in reach(reduced, other) for other in others)


def test_reduction_of_a_cycle_is_the_same_error_as_its_order() -> None:
    with pytest.raises(DiagnosticError, match="Dependency cycle"):
        graph_of(a="b", b="a").transitive_reduction()


def test_a_hundred_thousand_nodes_are_ordered_in_time_that_grows_with_their_number() -> None:
    def seconds(size: int) -> float:
        graph = Graph(range(size))
        for node in range(1, size):
            graph.add_edge(node, node // 2)
            graph.add_edge(node, 0)
        start = time.perf_counter()
        graph.order()
        return time.perf_counter() - start

    assert seconds(100_000) < 100 * max(seconds(10_000), 0.001)


def test_networkx_is_not_imported_for_an_order() -> None:
    program = (
        "import sys; from kvmform.graph.dag import Graph; Graph('ab').order(); sys.exit('networkx' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 0
