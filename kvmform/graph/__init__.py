"""Dependency graphs: order, cycles told as text, the parallel walk. Knows no resource."""
