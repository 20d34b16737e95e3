"""`kvmform state rm`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from kvmform.address import parse_target
from kvmform.cli import flags
from kvmform.cli.flags import Argument
from kvmform.cli.session import open_view, reporting, surroundings

__all__ = ["remove"]


def remove(
    addresses: Annotated[Sequence[str], Argument("ADDRESS...", help="Modules, resources, or instances.")],
    *,
    dry_run: flags.DryRun = False,
    state: flags.StatePath = None,
    state_out: flags.StateOut = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    backup: flags.Backup = None,
    ignore_remote_version: flags.IgnoreRemoteVersion = False,
    no_color: flags.NoColor = False,
) -> None:
    """Forget what is recorded; the objects go on existing. A removed block does it as well."""
    del ignore_remote_version
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        from kvmform.workspace import Workspace
        from kvmform.workspace.state_editing import remove_objects

        targets = [parse_target(text) for text in addresses]
        around = surroundings(state=state, state_out=state_out, backup=backup, lock=lock, lock_timeout=lock_timeout)
        with Workspace(around) as workspace:
            removed = remove_objects(workspace, targets, dry_run=dry_run)
        for instance in removed:
            view.say(f"{'Would remove' if dry_run else 'Removed'} {instance.address}")
        if not dry_run:
            view.say(f"Successfully removed {len(removed)} resource instance(s).")
        elif not removed:
            view.say("Would have removed nothing.")
