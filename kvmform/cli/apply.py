"""`kvmform apply` and `kvmform destroy`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from kvmform.cli import flags
from kvmform.cli.exit import ERROR, OK
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.prompts import Approval
from kvmform.cli.session import open_view, own_product, reporting, surroundings
from kvmform.diagnostics import DiagnosticError, warning
from kvmform.struct import Struct, replace

if TYPE_CHECKING:
    from kvmform.plan.change import Gate, Plan
    from kvmform.view import View
    from kvmform.workspace import PlanOptions, Surroundings, Workspace

__all__ = ["apply", "destroy"]


class _How(Struct):
    """How a plan is applied; `destroy`: by that command, `look_again`: the objects have had time to change."""

    parallelism: int
    verify: bool
    destroy: bool = False
    look_again: bool = False


def apply(
    plan_file: Annotated[Path | None, Argument("[PLAN]", help="A plan that plan -out saved.")] = None,
    *,
    variables: flags.Variables = (),
    target: flags.Targets = (),
    exclude: flags.Excluded = (),
    replace: flags.Replace = (),
    destroy: flags.Destroy = False,
    refresh: flags.Refresh = True,
    refresh_only: flags.RefreshOnly = False,
    auto_approve: flags.AutoApprove = False,
    deny: flags.Deny = (),
    max_disruption: flags.MaxDisruption = None,
    max_delete: flags.MaxDelete = None,
    verify: flags.Verify = False,
    state: flags.StatePath = None,
    state_out: flags.StateOut = None,
    backup: flags.Backup = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    input_: flags.Input = True,
    parallelism: flags.Parallelism = 10,
    json: flags.Json = False,
    no_color: flags.NoColor = False,
    compact_warnings: flags.CompactWarnings = False,
) -> int:
    """Make the lab as the configuration says, or as a saved plan says."""
    view = open_view(json=json, no_color=no_color, compact_warnings=compact_warnings)
    with reporting(view):
        from kvmform.cli.gates import given_gates
        from kvmform.cli.planning import plan_options

        gates = given_gates(deny=deny, max_disruption=max_disruption, max_delete=max_delete)
        around = surroundings(
            variables=variables,
            state=state,
            state_out=state_out,
            backup=backup,
            lock=lock,
            lock_timeout=lock_timeout,
            ask=input_ and not json,
            tell=view.say,
        )
        if plan_file is not None:
            return _apply_saved(view, around, plan_file, gates, _How(parallelism, verify, look_again=True))
        options = plan_options(
            destroy=destroy,
            refresh_only=refresh_only,
            refresh=refresh,
            targets=target,
            excluded=exclude,
            replace=replace,
            gates=gates,
        )
        _reject_json_without_approval(json=json, auto_approve=auto_approve)
        approval = Approval(auto_approve, can_ask=input_)
        return _plan_and_apply(view, around, options, approval, _How(parallelism, verify))


def destroy(
    *,
    variables: flags.Variables = (),
    target: flags.Targets = (),
    exclude: flags.Excluded = (),
    refresh: flags.Refresh = True,
    auto_approve: flags.AutoApprove = False,
    deny: flags.Deny = (),
    max_disruption: flags.MaxDisruption = None,
    max_delete: flags.MaxDelete = None,
    verify: flags.Verify = False,
    force: Annotated[bool, Flag("-force", hidden=True)] = False,
    state: flags.StatePath = None,
    state_out: flags.StateOut = None,
    backup: flags.Backup = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    input_: flags.Input = True,
    parallelism: flags.Parallelism = 10,
    json: flags.Json = False,
    no_color: flags.NoColor = False,
    compact_warnings: flags.CompactWarnings = False,
) -> int:
    """Delete everything that is in state."""
    view = open_view(json=json, no_color=no_color, compact_warnings=compact_warnings)
    with reporting(view):
        if force:
            view.diagnostics([warning("Old flag", "-force is what -auto-approve was called before Terraform 0.15.")])
        from kvmform.cli.gates import given_gates
        from kvmform.cli.planning import plan_options

        around = surroundings(
            variables=variables,
            state=state,
            state_out=state_out,
            backup=backup,
            lock=lock,
            lock_timeout=lock_timeout,
            ask=input_ and not json,
            tell=view.say,
        )
        options = plan_options(
            destroy=True,
            refresh_only=False,
            refresh=refresh,
            targets=target,
            excluded=exclude,
            replace=(),
            gates=given_gates(deny=deny, max_disruption=max_disruption, max_delete=max_delete),
        )
        _reject_json_without_approval(json=json, auto_approve=auto_approve or force)
        approval = Approval(auto_approve or force, can_ask=input_)
        return _plan_and_apply(view, around, options, approval, _How(parallelism, verify, destroy=True))


def _is_approved(approval: Approval, view: View, plan: Plan, workspace: Workspace) -> bool:
    from kvmform.plan.change import Mode
    from kvmform.schema import Disruption

    product = own_product().name
    where = "" if workspace.name == "default" else f' in workspace "{workspace.name}"'
    sure = "There is no undo. Only 'yes' will be accepted to confirm."
    match plan.mode:
        case Mode.DESTROY:
            question = f"Do you really want to destroy all resources{where}?"
            detail = f"{product} will delete everything shown above.\n{sure}"
        case Mode.REFRESH_ONLY:
            question = "Would you like to update the state to reflect these detected changes?"
            detail = f"{product} will write these changes to the state, and touch nothing that is real.\n{sure}"
        case Mode.NORMAL:
            question = f"Do you want to perform these actions{where}?"
            detail = f"{product} will perform the actions described above."
            if plan.disruption is not Disruption.NONE:
                detail += f"\nTheir disruption goes up to: {plan.disruption.value}."
            detail += "\nOnly 'yes' will be accepted to approve."
    command = "destroy" if plan.mode is Mode.DESTROY else "apply"
    instead = f"{command} -auto-approve to go on without, or apply a saved plan"
    return approval.of(view, question, detail, instead=instead)


def _reject_json_without_approval(*, json: bool, auto_approve: bool) -> None:
    if json and not auto_approve:
        detail = "Nobody can be asked for approval where -json is set. Say -auto-approve, or apply a saved plan."
        raise DiagnosticError.of("Plan file or auto-approve required", detail)


def _plan_and_apply(view: View, around: Surroundings, options: PlanOptions, approval: Approval, how: _How) -> int:
    from kvmform.plan.change import Mode
    from kvmform.plan.gates import reject_refused
    from kvmform.workspace import Workspace

    with Workspace(around) as workspace:
        plan = workspace.plan(replace(options, operation="OperationTypeApply"), view.refreshing).plan
        view.plan(plan)
        view.diagnostics(workspace.warnings)
        reject_refused(plan, workspace.root)
        if plan.is_applyable and not _is_approved(approval, view, plan, workspace):
            view.say(f"\n{'Destroy' if plan.mode is Mode.DESTROY else 'Apply'} cancelled.")
            return ERROR
        # Whoever was asked may have taken their time.
        return _apply(view, workspace, plan, replace(how, look_again=not approval.is_given))


def _apply_saved(view: View, around: Surroundings, plan_file: Path, gates: Sequence[Gate], how: _How) -> int:
    from kvmform.plan.gates import refusals
    from kvmform.plan.planfile import read_plan
    from kvmform.workspace import Workspace
    from kvmform.workspace.saved_plans import reject_other_values

    saved = read_plan(plan_file)
    with Workspace(around, saved) as workspace:
        reject_other_values(workspace, saved)
        plan = replace(saved.plan, gates=tuple(dict.fromkeys((*saved.plan.gates, *gates))))
        if refusals(plan):
            view.plan(plan)
        return _apply(view, workspace, plan, how)


def _apply(view: View, workspace: Workspace, plan: Plan, how: _How) -> int:
    from kvmform.cli.interruption import Interruption
    from kvmform.workspace import ApplyOptions

    with Interruption(view) as interruption:
        view.apply_begins(plan)
        options = ApplyOptions(
            parallelism=how.parallelism, look_again=how.look_again, stop=interruption.stop, abort=interruption.abort
        )
        report = workspace.apply(plan, interruption.event, options)
    if interruption.unheard is not None:
        raise interruption.unheard
    view.diagnostics((*report.warnings, *report.diagnostics))
    view.apply_ends(plan, report, workspace.state.outputs, destroy=how.destroy)
    if report.diagnostics:
        return ERROR
    return _verified(view, workspace, plan) if how.verify else OK


def _verified(view: View, workspace: Workspace, plan: Plan) -> int:
    """Plan once more, and show that plan where there is anything in it."""
    verification = workspace.verify(plan)
    if not verification.problems:
        view.say("\nVerified: everything is as planned.\n")
        return OK
    view.say("\nVerified: not everything is as planned. This is left to do:\n")
    view.plan(verification.plan)
    view.diagnostics(verification.problems)
    return ERROR
