"""`kvmform state list` and `kvmform state show`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from kvmform.address import parse_instance, parse_target
from kvmform.cli import flags
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.session import open_view, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

__all__ = ["list_instances", "show_instance"]


def list_instances(
    addresses: Annotated[Sequence[str], Argument("[ADDRESS...]", help="Only what is in these.")] = (),
    *,
    id_: Annotated[str | None, Flag("-id", help="Only what has this id.")] = None,
    state: flags.StatePath = None,
) -> None:
    """List the instances in state, an address a line."""
    view = open_view(json=False, no_color=True)
    with reporting(view):
        from kvmform.plan.target import is_target
        from kvmform.workspace import Workspace

        targets = [parse_target(text) for text in addresses]
        with Workspace(surroundings(state=state, lock=False)) as workspace:
            if not workspace.has_state:
                detail = "No state file was found here. Apply the configuration first, or name the file with -state."
                raise DiagnosticError.of("No state file was found!", detail)
            recorded = workspace.state.objects()
        for target in targets:
            if not any(is_target([target], instance.address) for instance in recorded):
                detail = f"{target} is not in state. kvmform state list shows what is; apply makes what isn't yet."
                raise DiagnosticError.of("Unknown resource", detail)
        for instance in recorded:
            if is_target(targets, instance.address) and id_ in {None, instance.attributes.get("id")}:
                print(str(instance.address))


def show_instance(
    address: Annotated[str, Argument("ADDRESS", help="For example libvirt_domain.web[0].")],
    *,
    state: flags.StatePath = None,
) -> None:
    """Show what state has of one instance."""
    view = open_view(json=False, no_color=True)
    with reporting(view):
        from kvmform.view.state_text import instance_text
        from kvmform.workspace import Workspace

        wanted = parse_instance(address)
        with Workspace(surroundings(state=state, lock=False)) as workspace:
            instance = workspace.state.get(wanted)
        if instance is None:
            detail = f"{address} is not in state. kvmform state list shows what is."
            raise DiagnosticError.of("No instance found for the given address!", detail)
        print(instance_text(instance))
