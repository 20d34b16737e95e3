"""`kvmform plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from kvmform.cli import flags
from kvmform.cli.exit import CHANGES, OK
from kvmform.cli.flags import Flag
from kvmform.cli.session import disruption_limit, open_view, reporting, surroundings

__all__ = ["plan"]


def plan(
    *,
    variables: flags.Variables = (),
    target: flags.Targets = (),
    exclude: flags.Excluded = (),
    replace: flags.Replace = (),
    out: Annotated[Path | None, Flag("-out", help="Save the plan, for apply.")] = None,
    destroy: flags.Destroy = False,
    refresh: flags.Refresh = True,
    refresh_only: flags.RefreshOnly = False,
    detailed_exitcode: Annotated[bool, Flag("-detailed-exitcode", help="Exit with 2 when there are changes.")] = False,
    max_disruption: flags.MaxDisruption = "data-loss",
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
        from kvmform.cli.planning import plan_options
        from kvmform.workspace import Workspace

        around = surroundings(
            variables=variables, state=state, lock=lock, lock_timeout=lock_timeout, ask=input_ and not json
        )
        with Workspace(around) as workspace:
            options = plan_options(
                destroy=destroy,
                refresh_only=refresh_only,
                refresh=refresh,
                targets=target,
                excluded=exclude,
                replace=replace,
                limit=disruption_limit(max_disruption),
            )
            planning = workspace.plan(options)
            view.diagnostics(workspace.warnings)
            view.plan(planning.plan)
            if out is not None:
                workspace.save(planning.plan, out)
                view.plan_saved(out)
    return CHANGES if detailed_exitcode and planning.plan.is_applyable else OK
