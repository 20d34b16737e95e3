"""`kvmform plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from kvmform.cli import flags
from kvmform.cli.exit import CHANGES, OK
from kvmform.cli.flags import Flag
from kvmform.cli.session import is_automation, open_view, own_product, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from kvmform.plan.change import Plan
    from kvmform.view import View
    from kvmform.workspace import Surroundings, Workspace

__all__ = ["plan"]

_GENERATED = """
{product} has generated configuration and written it to {path}. Please review
the configuration and edit it as necessary before adding it to version control.
"""


def plan(
    *,
    variables: flags.Variables = (),
    target: flags.Targets = (),
    exclude: flags.Excluded = (),
    replace: flags.Replace = (),
    out: Annotated[Path | None, Flag("-out", help="Save the plan, for apply.")] = None,
    generate_config_out: Annotated[
        Path | None, Flag("-generate-config-out", help="Write resource blocks for what is imported into this new file.")
    ] = None,
    destroy: flags.Destroy = False,
    refresh: flags.Refresh = True,
    refresh_only: flags.RefreshOnly = False,
    detailed_exitcode: Annotated[bool, Flag("-detailed-exitcode", help="Exit with 2 when there are changes.")] = False,
    deny: flags.Deny = (),
    max_disruption: flags.MaxDisruption = None,
    max_delete: flags.MaxDelete = None,
    state: flags.StatePath = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    input_: flags.Input = True,
    parallelism: flags.Parallelism = 10,
    json: flags.Json = False,
    no_color: flags.NoColor = False,
    compact_warnings: flags.CompactWarnings = False,
) -> int:
    """Show what apply would change, and what each change costs. Changes nothing."""
    del parallelism
    view = open_view(json=json, no_color=no_color, compact_warnings=compact_warnings)
    with reporting(view):
        from kvmform.cli.gates import given_gates
        from kvmform.cli.planning import plan_options
        from kvmform.plan.gates import reject_refused

        around = surroundings(
            variables=variables,
            state=state,
            lock=lock,
            lock_timeout=lock_timeout,
            ask=input_ and not json,
            tell=view.say,
        )
        if generate_config_out is not None and (destroy or refresh_only):
            raise DiagnosticError.of(
                "Invalid generate-config-out flag",
                "Config can only be generated during a normal plan operation, and not during a refresh-only or destroy "
                "plan.",
            )
        with _opened(around, generate_config_out) as workspace:
            options = plan_options(
                destroy=destroy,
                refresh_only=refresh_only,
                refresh=refresh,
                targets=target,
                excluded=exclude,
                replace=replace,
                gates=given_gates(deny=deny, max_disruption=max_disruption, max_delete=max_delete),
            )
            made = workspace.plan(options, view.refreshing).plan
            view.plan(made)
            view.diagnostics(workspace.warnings)
            if workspace.generated is not None and workspace.generated.blocks:
                view.say(own_product().says(_GENERATED, path=str(generate_config_out)))
            if out is not None:
                _save(view, workspace, made, out)
            reject_refused(made, workspace.root)
    return CHANGES if detailed_exitcode and made.is_applyable else OK


def _opened(around: Surroundings, generate_config_out: Path | None) -> Workspace:
    """A workspace; if asked for, with what is written to the file for import blocks that nothing declares."""
    from kvmform.workspace import Workspace

    if generate_config_out is None:
        return Workspace(around)
    from kvmform.workspace.generating import open_generating

    return open_generating(around, generate_config_out, Workspace)


def _save(view: View, workspace: Workspace, made: Plan, out: Path) -> None:
    """Save a plan, a refused one too: a pipeline shows what was refused, and no older plan is left to be applied."""
    from kvmform.plan.gates import refusals

    workspace.save(made, out)
    if refusals(made):
        view.say(f"Saved the plan to: {out}\n\nIt is refused, so it can be shown, and not applied.\n")
    elif not is_automation():
        view.plan_saved(out)
