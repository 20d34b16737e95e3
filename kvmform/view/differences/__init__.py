"""What differs between two values, or two objects: a tree whose every part knows whether it comes, goes or stays."""

from kvmform.view.differences.bodies import body_difference, rows_of
from kvmform.view.differences.tree import (
    NO_NOTES,
    Body,
    Hidden,
    Keyed,
    Listed,
    Mark,
    Node,
    Note,
    Notes,
    Pending,
    Scalar,
    Turned,
)
from kvmform.view.differences.values import ABSENT, Pair, difference

__all__ = [
    "ABSENT",
    "NO_NOTES",
    "Body",
    "Hidden",
    "Keyed",
    "Listed",
    "Mark",
    "Node",
    "Note",
    "Notes",
    "Pair",
    "Pending",
    "Scalar",
    "Turned",
    "body_difference",
    "difference",
    "rows_of",
]
