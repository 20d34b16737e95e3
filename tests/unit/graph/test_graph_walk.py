"""The parallel walk."""

import itertools
import threading
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvmform.diagnostics import DiagnosticError
from kvmform.graph.dag import Graph
from kvmform.graph.walk import walk


class Witness:
    """Performs nodes and writes down what it saw; some nodes fail."""

    def __init__(self, graph: Graph[int], failing: frozenset[int] = frozenset()) -> None:
        self.graph = graph
        self.failing = failing
        self.started: list[int] = []
        self.ended: set[int] = set()
        self.early: list[int] = []
        self.most: Counter[str] = Counter()
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, node: int) -> None:
        with self._lock:
            self.started.append(node)
            if not self.ended.issuperset(self.graph.dependencies(node)):
                self.early.append(node)
            self._count(node, 1)
        time.sleep(0.0002)
        with self._lock:
            self._count(node, -1)
            if node in self.failing:
                raise ValueError(node)
            self.ended.add(node)

    def _count(self, node: int, step: int) -> None:
        for name in ("all", parity(node)):
            self._running[name] += step
            self.most[name] = max(self.most[name], self._running[name])


def parity(node: int) -> str:
    return "odd" if node % 2 else "even"


@st.composite
def acyclic_graphs(draw: st.DrawFn) -> Graph[int]:
    size = draw(st.integers(0, 12))
    graph = Graph(range(size))
    if size:
        node = st.integers(0, size - 1)
        for one, other in draw(st.lists(st.tuples(node, node), max_size=30)):
            if one != other:
                graph.add_edge(max(one, other), min(one, other))
    return graph


def chain(*nodes: int) -> Graph[int]:
    """Each node depends on the one before it."""
    graph = Graph(nodes)
    for dependency, node in itertools.pairwise(nodes):
        graph.add_edge(node, dependency)
    return graph


@given(acyclic_graphs(), st.integers(1, 5), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_each_node_is_performed_once_after_its_dependencies_and_within_the_limits(
    graph: Graph[int], parallelism: int, odd: int
) -> None:
    witness = Witness(graph)
    outcome = walk(graph, witness, parallelism=parallelism, limit=parity, limits={"odd": odd})
    assert outcome.is_complete
    assert sorted(witness.started) == sorted(graph) == sorted(outcome.done)
    assert witness.early == []
    assert witness.most["all"] <= parallelism
    assert witness.most["odd"] <= odd


@given(acyclic_graphs(), st.frozensets(st.integers(0, 11), max_size=3), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_all_that_depends_on_a_failure_is_skipped_and_nothing_else(
    graph: Graph[int], failing: frozenset[int], parallelism: int
) -> None:
    witness = Witness(graph, failing)
    outcome = walk(graph, witness, parallelism=parallelism)
    for node in graph:
        others = set(graph.closure([node])) - {node}
        if others & failing:
            assert node in outcome.skipped
        elif node in failing:
            assert isinstance(outcome.failed[node], ValueError)
        else:
            assert node in outcome.done
    assert sorted(witness.started) == sorted([*outcome.done, *outcome.failed])
    assert outcome.not_started == []


@given(acyclic_graphs(), st.integers(0, 12), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_once_stopped_nothing_starts_and_every_node_is_told_of(graph: Graph[int], count: int, parallelism: int) -> None:
    stop = threading.Event()
    witness = Witness(graph)

    def perform(node: int) -> None:
        assert not stop.is_set() or parallelism > 1
        witness(node)
        if len(witness.started) >= count:
            stop.set()

    outcome = walk(graph, perform, parallelism=parallelism, stop=stop)
    assert sorted(outcome.done) == sorted(witness.ended)
    assert sorted([*outcome.done, *outcome.not_started]) == sorted(graph)
    assert len(witness.started) <= max(count, 1) + parallelism - 1


def test_a_walk_stopped_before_it_begins_starts_nothing() -> None:
    stop = threading.Event()
    stop.set()
    outcome = walk(chain(1, 2), pytest.fail, stop=stop)
    assert outcome.not_started == [1, 2]
    assert not outcome.is_complete


def test_independent_nodes_run_at_once_up_to_the_parallelism() -> None:
    meeting = threading.Barrier(4, timeout=10)
    outcome = walk(Graph(range(8)), lambda _: meeting.wait(), parallelism=4)
    assert not outcome.failed


def test_a_full_class_does_not_hold_up_the_others() -> None:
    copied = threading.Event()

    def perform(node: str) -> None:
        if node.startswith("copy"):
            assert copied.wait(10)
        elif node == "boot 2":
            copied.set()

    graph = Graph(["copy 1", "copy 2", "copy 3", "boot 1", "boot 2"])
    outcome = walk(graph, perform, parallelism=3, limit=lambda node: node[:4], limits={"copy": 1})
    assert outcome.is_complete


def test_what_most_of_the_work_waits_for_goes_first() -> None:
    graph = chain(10, 11, 12)
    graph.add_node(1)
    graph.add_edge(21, 20)
    assert walk(graph, lambda _: None, parallelism=1).done == [10, 11, 20, 12, 1, 21]


def test_the_cost_of_a_node_counts_for_how_long_its_path_is() -> None:
    graph = chain(10, 11, 12)
    graph.add_node(1)
    order = walk(graph, lambda _: None, parallelism=1, cost=lambda node: 9.0 if node == 1 else 1.0).done
    assert order == [1, 10, 11, 12]


def test_alone_it_works_in_the_callers_thread_in_an_order_that_is_always_the_same() -> None:
    graph = Graph("hgfedcba")
    graph.add_edge("h", "a")
    threads: set[int] = set()
    orders = {tuple(walk(graph, lambda _: threads.add(threading.get_ident()), parallelism=1).done) for _ in range(3)}
    assert orders == {("a", "g", "f", "e", "d", "c", "b", "h")}
    assert threads == {threading.get_ident()}


@pytest.mark.parametrize("parallelism", [1, 3])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_stops_the_walk_and_is_raised_when_all_in_flight_has_ended(
    kind: type[BaseException], parallelism: int
) -> None:
    ended: list[int] = []

    def perform(node: int) -> None:
        if node == 0:
            raise kind
        time.sleep(0.05)
        ended.append(node)

    with pytest.raises(kind):
        walk(Graph(range(20)), perform, parallelism=parallelism)
    assert len(ended) == parallelism - 1


def test_the_crew_goes_home_when_the_walk_is_over() -> None:
    walk(Graph(range(20)), lambda _: time.sleep(0.001), parallelism=5)
    deadline = time.monotonic() + 5
    while any(thread.name.startswith("walk-") for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_cycle_is_an_error_before_anything_is_performed() -> None:
    graph = chain(1, 2)
    graph.add_edge(1, 2)
    with pytest.raises(DiagnosticError, match="Dependency cycle"):
        walk(graph, pytest.fail)


@pytest.mark.parametrize("wrong", [{"parallelism": 0}, {"limits": {"copy": 0}}])
def test_a_limit_that_lets_nothing_start_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="less than 1"):
        walk(Graph([1]), pytest.fail, **wrong)


def test_ten_thousand_nodes_take_a_moment() -> None:
    graph = Graph(range(10_000))
    for node in range(100, 10_000):
        graph.add_edge(node, node % 100)
    start = time.monotonic()
    assert walk(graph, lambda _: None, parallelism=10, limit=parity, limits={"odd": 3}).is_complete
    assert time.monotonic() - start < 10
