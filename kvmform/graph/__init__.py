"""Dependency graphs: order, cycles told as text, the parallel walk. Knows no resource."""

from kvmform.graph.dag import Graph
from kvmform.graph.dot import to_dot
from kvmform.graph.walk import Outcome, walk

__all__ = ["Graph", "Outcome", "to_dot", "walk"]
