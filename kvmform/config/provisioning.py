"""Evaluate a provisioner for one instance: its arguments, and those of its connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kvmform.config.decode import Decoded, decode
from kvmform.config.module import Provisioner
from kvmform.diagnostics import DiagnosticError, Diagnostics, SourceRange, error
from kvmform.lang.scope import Scope
from kvmform.schema import Object, Problem
from kvmform.struct import Struct

__all__ = ["Provisioning", "Turn", "evaluate_provisioner"]


class Provisioning(Struct):
    """What a provisioner shall do for one instance; unknown leaves are `Unknown`."""

    provisioner: Provisioner
    config: Object
    connection: Object | None
    is_secret: bool
    """Whether something in `config` is sensitive, so that nothing of it may be shown."""


Turn = tuple[Provisioner, Callable[[], Provisioning]]
"""A provisioner, and what evaluates it when its turn comes."""


def evaluate_provisioner(provisioner: Provisioner, scope: Scope) -> Provisioning:
    """Evaluate and check a provisioner.

    Args:
        provisioner: the block.
        scope: resolves references; `self` must be in it.

    Raises:
        DiagnosticError: with every problem of the block and its connection.
    """
    from kvmform.provision.check import check_connection, check_provisioner
    from kvmform.provision.schemas import CONNECTION, PROVISIONERS

    problems = Diagnostics()
    kind, header = provisioner.type, provisioner.range
    decoded: Decoded | None = None
    connection: Decoded | None = None
    try:
        decoded = decode(
            provisioner.body, PROVISIONERS[kind].rows, scope, header, f"a {kind} provisioner", is_recorded=False
        )
        _place(check_provisioner(kind, decoded.object), decoded, header, problems)
    except DiagnosticError as problem:
        problems.caught(problem)
    if kind != "local-exec" and provisioner.connection is None:
        detail = (
            f"A {kind} provisioner needs a connection block, in itself or in its resource, that says which host it is "
            "about."
        )
        problems.add(error("Missing connection configuration for provisioner", detail, header))
    elif kind != "local-exec" and provisioner.connection is not None:
        try:
            connection = decode(
                provisioner.connection, CONNECTION.rows, scope, header, "a connection block", is_recorded=False
            )
            _place(check_connection(connection.object), connection, header, problems)
        except DiagnosticError as problem:
            problems.caught(problem)
    problems.raise_errors()
    assert decoded is not None
    reached = None if connection is None else connection.object
    return Provisioning(provisioner, decoded.object, reached, bool(decoded.sensitive))


def _place(found: Iterator[Problem], decoded: Decoded, header: SourceRange, problems: Diagnostics) -> None:
    for problem in found:
        problems.add(problem.diagnostic.at(decoded.range_of(problem.path, header)))
