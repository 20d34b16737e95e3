"""`kvmform state replace-provider`."""

from __future__ import annotations

from typing import Annotated

from kvmform.cli import flags
from kvmform.cli.flags import Argument
from kvmform.cli.prompts import Approval
from kvmform.cli.session import open_view, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

__all__ = ["replace_provider"]


def replace_provider(
    before: Annotated[str, Argument("FROM_PROVIDER_FQN", help="As registry.terraform.io/dmacvicar/libvirt.")],
    after: Annotated[str, Argument("TO_PROVIDER_FQN", help="The provider in its place.")],
    *,
    auto_approve: flags.AutoApprove = False,
    state: flags.StatePath = None,
    state_out: flags.StateOut = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    backup: flags.Backup = None,
    ignore_remote_version: flags.IgnoreRemoteVersion = False,
    no_color: flags.NoColor = False,
) -> None:
    """Record that what belongs to one provider belongs to another."""
    del ignore_remote_version
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        from kvmform.workspace import Workspace
        from kvmform.workspace import state_editing as editing

        old, new = (_full_name(name) for name in (before, after))
        around = surroundings(state=state, state_out=state_out, backup=backup, lock=lock, lock_timeout=lock_timeout)
        with Workspace(around) as workspace:
            resources = editing.replace_provider(workspace, old, new, dry_run=True)
            if not resources:
                view.say("No matching resources found.")
                return
            view.say(
                f"kvmform will perform the following actions:\n\n  ~ Updating provider:\n    - {old}\n    + {new}\n"
            )
            view.say(f"Changing {len(resources)} resources:\n")
            view.say("".join(f"  {resource}\n" for resource in resources))
            question = "Do you want to make these changes?"
            approval = Approval(auto_approve, can_ask=True)
            detail, instead = "Only 'yes' will be accepted.", "state replace-provider -auto-approve to go on without"
            if not approval.of(view, question, detail, instead=instead):
                view.say("Cancelled replacing providers.")
                return
            editing.replace_provider(workspace, old, new, dry_run=False)
        view.say(f"Successfully replaced provider for {len(resources)} resources.")


def _full_name(name: str) -> str:
    """`dmacvicar/libvirt` is short for the one in Terraform's registry."""
    parts = name.split("/")
    if not 1 <= len(parts) <= 3 or not all(parts):
        raise DiagnosticError.of(
            "Invalid provider source string",
            f'"{name}" is no provider: write [HOST/]NAMESPACE/NAME, as in registry.terraform.io/dmacvicar/libvirt.',
        )
    defaults = ["registry.terraform.io", "hashicorp"]
    return "/".join([*defaults[: 3 - len(parts)], *parts])
