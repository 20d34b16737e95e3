"""The walk: performs every node of a graph, several at once, none before what it depends on.

The caller's thread decides what starts, workers only perform; so all bookkeeping is in one
thread and needs no lock. What is started first is what most of the remaining work waits for
(the longest path), as far as the limits for its class of work allow.
"""

from __future__ import annotations

import heapq
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from queue import SimpleQueue
from typing import Generic, TypeVar

from kvmform.graph.dag import Graph
from kvmform.struct import Struct, field

__all__ = ["Outcome", "walk"]

N = TypeVar("N", bound=Hashable)


class Outcome(Struct, Generic[N], frozen=False):
    """What became of each node; every node is in exactly one of the four."""

    done: list[N] = field(default_factory=list)
    """In the order in which they ended."""
    failed: dict[N, Exception] = field(default_factory=dict)
    skipped: dict[N, N] = field(default_factory=dict)
    """Those that depend on a failed one, however indirectly, each with the first such one."""
    not_started: list[N] = field(default_factory=list)
    """Those that there was no time for, because the walk was stopped."""

    @property
    def is_complete(self) -> bool:
        """Whether every node was performed without failure."""
        return not (self.failed or self.skipped or self.not_started)


def _of_one_class(_node: object) -> str:
    return ""


def walk(
    graph: Graph[N],
    perform: Callable[[N], None],
    *,
    parallelism: int = 10,
    limit: Callable[[N], str] = _of_one_class,
    limits: Mapping[str, int] | None = None,
    cost: Callable[[N], float] | None = None,
    stop: threading.Event | None = None,
) -> Outcome[N]:
    """Perform each node once, after all its dependencies.

    At most `parallelism` nodes are performed at once, and of those that `limit` puts into
    the same class at most `limits[class]`. `cost` is how long a node will take compared
    with the others (1 if not given). Once `stop` is set nothing more is started; what is in
    flight is waited for. With a parallelism of 1 all happens in the caller's thread, in an
    order that is always the same.

    An exception of `perform` is kept in the outcome. One that is no `Exception`
    (KeyboardInterrupt) stops the walk, and is raised when all that is in flight has ended.

    Raises:
        DiagnosticError: the graph has a cycle.
        ValueError: a limit or the parallelism is less than 1.
    """
    if min([parallelism, *(limits or {}).values()]) < 1:
        raise ValueError("nothing would ever start with a limit of less than 1")
    schedule = _Schedule(graph, limit, limits or {}, cost)
    stop = stop or threading.Event()
    if parallelism == 1:
        _walk_here(schedule, perform, stop)
    else:
        _walk_with_crew(schedule, _Crew(perform), parallelism, stop)
    return schedule.outcome()


def _walk_here(schedule: _Schedule[N], perform: Callable[[N], None], stop: threading.Event) -> None:
    while not stop.is_set() and schedule.has_ready():
        node = schedule.take()
        try:
            perform(node)
        except Exception as problem:  # noqa: BLE001 - the outcome carries it
            schedule.failed(node, problem)
        else:
            schedule.done(node)


def _walk_with_crew(schedule: _Schedule[N], crew: _Crew[N], parallelism: int, stop: threading.Event) -> None:
    try:
        while True:
            while crew.busy < parallelism and not stop.is_set() and schedule.has_ready():
                crew.start(schedule.take())
            if not crew.busy:
                return
            _settle(schedule, *crew.wait())
    except BaseException:
        while crew.busy:
            crew.wait()
        raise
    finally:
        crew.dismiss()


def _settle(schedule: _Schedule[N], node: N, problem: BaseException | None) -> None:
    match problem:
        case None:
            schedule.done(node)
        case Exception():
            schedule.failed(node, problem)
        case _:
            raise problem


class _Schedule(Generic[N]):
    """Which nodes are ready, most urgent first, and what became of the others."""

    def __init__(
        self,
        graph: Graph[N],
        limit: Callable[[N], str],
        limits: Mapping[str, int],
        cost: Callable[[N], float] | None,
    ) -> None:
        self._graph = graph
        self._limit = limit
        self._limits = limits
        self._urgency = _urgencies(graph, cost)
        self._missing = {node: len(graph.dependencies(node)) for node in graph}
        self._running: Counter[str] = Counter()
        self._ready: dict[str, list[tuple[float, int, N]]] = {}
        self._outcome: Outcome[N] = Outcome()
        self._skipped: dict[N, N] = {}
        for node, missing in self._missing.items():
            if not missing:
                self._make_ready(node)

    def has_ready(self) -> bool:
        """Whether a node could start now."""
        return self._most_urgent() is not None

    def take(self) -> N:
        """The most urgent node that may start now, which counts as running from here on."""
        heap = self._most_urgent()
        assert heap is not None
        node = heapq.heappop(heap)[2]
        self._running[self._limit(node)] += 1
        return node

    def done(self, node: N) -> None:
        """A node has ended well: those that waited only for it become ready."""
        self._running[self._limit(node)] -= 1
        self._outcome.done.append(node)
        for dependent in self._graph.dependents(node):
            self._missing[dependent] -= 1
            if not self._missing[dependent]:
                self._make_ready(dependent)

    def failed(self, node: N, problem: Exception) -> None:
        """A node has failed: all that depends on it is skipped."""
        self._running[self._limit(node)] -= 1
        self._outcome.failed[node] = problem
        waiting = [node]
        while waiting:
            fresh = [each for each in self._graph.dependents(waiting.pop()) if each not in self._skipped]
            self._skipped.update(dict.fromkeys(fresh, node))
            waiting.extend(fresh)

    def outcome(self) -> Outcome[N]:
        """What became of each node."""
        settled = {*self._outcome.done, *self._outcome.failed, *self._skipped}
        self._outcome.skipped = {node: self._skipped[node] for node in self._graph if node in self._skipped}
        self._outcome.not_started = [node for node in self._graph if node not in settled]
        return self._outcome

    def _make_ready(self, node: N) -> None:
        heapq.heappush(self._ready.setdefault(self._limit(node), []), (*self._urgency[node], node))

    def _most_urgent(self) -> list[tuple[float, int, N]] | None:
        """The heap of the class whose first node is the most urgent one that may start."""
        open_heaps = (
            heap
            for name, heap in self._ready.items()
            if heap and (name not in self._limits or self._running[name] < self._limits[name])
        )
        return min(open_heaps, key=lambda heap: heap[0][:2], default=None)


def _urgencies(graph: Graph[N], cost: Callable[[N], float] | None) -> dict[N, tuple[float, int]]:
    """Sort key per node: the cost of the longest path that starts with it, greatest first, then its place in order."""
    order = graph.order()
    remaining: dict[N, float] = {}
    for node in reversed(order):
        longest = max((remaining[dependent] for dependent in graph.dependents(node)), default=0.0)
        remaining[node] = longest + (1.0 if cost is None else cost(node))
    return {node: (-remaining[node], place) for place, node in enumerate(order)}


class _Crew(Generic[N]):
    """Threads that perform nodes; as many as were ever busy at once.

    They are daemons: when the user stops the program for good, none of them holds it up.
    """

    def __init__(self, perform: Callable[[N], None]) -> None:
        self.busy = 0
        self._perform = perform
        self._threads: list[threading.Thread] = []
        self._tasks: SimpleQueue[tuple[N] | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[N, BaseException | None]] = SimpleQueue()

    def start(self, node: N) -> None:
        """Have a node performed; returns at once."""
        self.busy += 1
        if len(self._threads) < self.busy:
            thread = threading.Thread(target=self._work, name=f"walk-{self.busy}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._tasks.put((node,))

    def wait(self) -> tuple[N, BaseException | None]:
        """The next node that ends, and what it raised."""
        result = self._results.get()
        self.busy -= 1
        return result

    def dismiss(self) -> None:
        """Let the threads end."""
        for _ in self._threads:
            self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            (node,) = task
            try:
                self._perform(node)
            except BaseException as problem:  # noqa: BLE001 - raised again in the caller's thread
                self._results.put((node, problem))
            else:
                self._results.put((node, None))
