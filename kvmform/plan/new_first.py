"""`create_before_destroy`: the new object is made while the old one is still there, where the host can have both.

As in Terraform it reaches what a resource depends on: were that deleted first, the old object
would lose what it uses. Where old and new claim the same name, path or the like, there can't
be both; then the old one is deleted first, as without the argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kvmform.address import InstanceAddress
from kvmform.config.dependencies import Declaration
from kvmform.config.memo import Read
from kvmform.config.module import Module, ResourceBlock
from kvmform.diagnostics import Diagnostic, warning
from kvmform.graph.dag import Graph
from kvmform.plan.compare import Comparison
from kvmform.schema import Claim, ResourceType

__all__ = ["impossible", "obstacles", "wanted_new_first"]


def wanted_new_first(graph: Graph[Declaration], root: Module) -> frozenset[Declaration]:
    """The resources that are declared so, and all that these depend on."""
    declared = [node for node in graph if node.kind == "managed" and _block(root, node).lifecycle.create_before_destroy]
    return frozenset(node for node in graph.closure(declared) if node.kind == "managed") if declared else frozenset()


def _block(root: Module, node: Declaration) -> ResourceBlock:
    kind, name = node.name.split(".", 1)
    return root.descendant(node.module).resources["managed", kind, name]


def obstacles(
    kind: ResourceType[Any],
    comparison: Comparison,
    reads: Iterable[Read],
    late: Mapping[Read, InstanceAddress],
) -> list[str]:
    """Why an object can't be made before the one that it replaces is deleted; each a sentence.

    Args:
        kind: its type.
        comparison: the replacement, as it would be.
        reads: what the new object uses.
        late: what is deleted before it is made again: instances, and one of them for each resource.
    """
    assert comparison.before is not None
    held = {claim for claim in kind.claims(comparison.before) if _is_known(claim)}
    needed = (kind.needs or kind.claims)(comparison.after)
    found = [_clash(claim) for claim in needed if _is_known(claim) and claim in held]
    return [*found, *sorted({_used(late[read]) for read in reads if read in late})]


def _is_known(claim: Claim) -> bool:
    return all(isinstance(part, str) for part in claim)


def _clash(claim: Claim) -> str:
    what, *name = claim
    return f'Both would have the {what} "{"/".join(map(str, name))}", and the host can have that only once.'


def _used(address: InstanceAddress) -> str:
    return f"It uses {address}, which is itself deleted before it is made again."


def impossible(address: InstanceAddress, block: ResourceBlock, reasons: Iterable[str]) -> Diagnostic:
    """That `create_before_destroy` has no effect this time, and why."""
    detail = (
        f"{address} has to be replaced, and the new object can't be made while the old one is there. "
        f"{' '.join(reasons)} So the old one is deleted first, as if create_before_destroy were not set. A name that "
        "changes with each replacement makes both possible."
    )
    return warning("create_before_destroy is not possible here", detail, block.range, address=str(address))
