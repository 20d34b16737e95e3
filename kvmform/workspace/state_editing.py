"""Changes of the record alone, as `state mv`, `state rm`, `taint` and their like make them: no host is touched.

Each holds the state's lock from its beginning on, and writes nothing where `dry_run` says so. The commands
that can lose something keep the state as it was beside it, under the time of day, as Terraform's do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kvmform.address import InstanceAddress, ModuleAddress, ResourceAddress, Target
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.target import is_target
from kvmform.state.model import InstanceState, State, Status
from kvmform.struct import replace

if TYPE_CHECKING:
    from kvmform.workspace.workspace import Workspace

__all__ = ["move_objects", "remove_objects", "replace_provider", "set_taint"]


def move_objects(workspace: Workspace, source: Target, destination: Target, *, dry_run: bool) -> None:
    """Give objects other addresses; they stay what they are.

    Args:
        workspace: whose state it is.
        source: a module instance, a resource or an instance.
        destination: another of the same sort, at which nothing is recorded.
        dry_run: only check.

    Raises:
        DiagnosticError: there is nothing to move, or no way.
    """
    workspace.lock("state-mv")
    moves = _moves(workspace.state, source, destination)
    if not moves:
        raise DiagnosticError.of(
            "Invalid source address", f"Cannot move {source}: does not match anything in the current state."
        )
    for taken in moves.values():
        if taken in workspace.state.instances and taken not in moves:
            raise DiagnosticError.of(
                "Invalid target address",
                f"Cannot move to {taken}: there is already a resource instance at that address in the current state.",
            )
    if not dry_run:
        with _writing(workspace):
            workspace.store.move(moves)


def _moves(state: State, source: Target, destination: Target) -> dict[InstanceAddress, InstanceAddress]:
    addresses = [instance.address for instance in state.objects() if not instance.deposed]
    match source, destination:
        case ModuleAddress(), ModuleAddress():
            depth = len(source.steps)
            inside = [address for address in addresses if address.module.steps[:depth] == source.steps]
            return {
                address: _in_module(address, destination.steps + address.module.steps[depth:]) for address in inside
            }
        case ModuleAddress(), _:
            raise _impossible(source, destination, "the target must also be a module.")
        case _, ModuleAddress():
            raise _impossible(source, destination, "the target must also be a resource instance.")
    if isinstance(source, ResourceAddress) and isinstance(destination, ResourceAddress):
        _check_types(source, destination)
        moved = [address for address in addresses if address.resource == source]
        return {address: destination.instance(address.key) for address in moved}
    one, other = _one_instance(source), _one_instance(destination)
    _check_types(one.resource, other.resource)
    return {one: other} if one in state.instances else {}


def _in_module(address: InstanceAddress, steps: tuple[tuple[str, int | str | None], ...]) -> InstanceAddress:
    return InstanceAddress(replace(address.resource, module=ModuleAddress(steps)), address.key)


def _one_instance(target: Target) -> InstanceAddress:
    assert not isinstance(target, ModuleAddress)
    return target.instance() if isinstance(target, ResourceAddress) else target


def _check_types(source: ResourceAddress, destination: ResourceAddress) -> None:
    if (source.mode, source.type) != (destination.mode, destination.type):
        detail = f"Cannot move {source} to {destination}: resource types don't match."
        raise DiagnosticError.of("Invalid state move request", detail)


def _impossible(source: Target, destination: Target, reason: str) -> DiagnosticError:
    return DiagnosticError.of("Invalid target address", f"Cannot move {source} to {destination}: {reason}")


def remove_objects(workspace: Workspace, targets: Sequence[Target], *, dry_run: bool) -> list[InstanceState]:
    """Forget objects, which go on existing; returns them, deposed ones of the same addresses included.

    Raises:
        DiagnosticError: one of the targets means nothing that is recorded.
    """
    workspace.lock("state-rm")
    objects = workspace.state.objects()
    meant = [[instance for instance in objects if is_target([target], instance.address)] for target in targets]
    found = list({id(instance): instance for instances in meant for instance in instances}.values())
    if dry_run:
        return found
    if not all(meant):
        raise DiagnosticError.of(
            "Invalid target address",
            'No matching objects found. To view the available instances, use "kvmform state list". Please modify the '
            "address to reference a specific instance.",
        )
    with _writing(workspace):
        for instance in found:
            workspace.store.removed(instance.address, instance.deposed)
    return found


def set_taint(workspace: Workspace, address: InstanceAddress, *, tainted: bool) -> bool:
    """Mark an object as one to be replaced, or take the mark away; False if nothing is recorded at the address.

    Raises:
        DiagnosticError: there is no mark to take away, or the object's creation did not end.
    """
    workspace.lock("taint" if tainted else "untaint")
    instance = workspace.state.get(address)
    if instance is None:
        return False
    if not tainted and instance.status is not Status.TAINTED:
        raise DiagnosticError.of(
            "Resource instance is not tainted",
            f"Resource instance {address} is not currently tainted, and so it cannot be untainted.",
        )
    with _writing(workspace, keep=False):
        workspace.store.done(replace(instance, status=Status.TAINTED if tainted else Status.OK))
    return True


def replace_provider(workspace: Workspace, before: str, after: str, *, dry_run: bool) -> list[ResourceAddress]:
    """Say of all that belongs to one provider that it belongs to another; returns the resources."""
    workspace.lock("state-replace-provider")
    changed = [
        replace(instance, provider=instance.provider.replace(f'["{before}"]', f'["{after}"]'))
        for instance in workspace.state.objects()
        if f'["{before}"]' in instance.provider
    ]
    if changed and not dry_run:
        with _writing(workspace):
            workspace.store.done(*changed)
    return list(dict.fromkeys(instance.address.resource for instance in changed))


@contextmanager
def _writing(workspace: Workspace, *, keep: bool = True) -> Iterator[None]:
    if keep:
        workspace.store.back_up(int(time.time()))
    workspace.store.begin()
    yield
    workspace.store.finish()
