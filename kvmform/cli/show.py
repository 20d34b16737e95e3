"""`kvmform show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from kvmform.cli import flags
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.session import open_view, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from kvmform.config.module import Module
    from kvmform.plan.change import Plan

__all__ = ["show"]

_FORMATS = ("text", "json", "markdown", "junit", "gitlab")


def show(
    path: Annotated[Path | None, Argument("[PATH]", help="A saved plan, or a state file.")] = None,
    *,
    format_: Annotated[
        str | None, Flag("-format", help="Of a plan: text, json, markdown (a comment), junit or gitlab (reports).")
    ] = None,
    json: flags.Json = False,
    show_sensitive: flags.ShowSensitive = False,
    no_color: flags.NoColor = False,
) -> None:
    """Show the state, or a saved plan."""
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        import zipfile

        form = _chosen(format_, json=json)
        if path is not None and not path.is_file():
            detail = f"There is no file {path}. Name a saved plan or a state file, or none for the state here."
            raise DiagnosticError.of("Failed to read the given file as a state or plan file", detail)
        if path is not None and zipfile.is_zipfile(path):
            _show_plan(path, form, show_sensitive=show_sensitive, no_color=no_color)
        elif path is not None and not _may_be_state(path):
            detail = f"{path} is neither a plan that plan -out saved nor a state file."
            raise DiagnosticError.of("Failed to read the given file as a state or plan file", detail)
        elif form in {"text", "json"}:
            _show_state(path, json=form == "json", show_sensitive=show_sensitive)
        else:
            detail = f"-format={form} is a report of a saved plan. Make one with plan -out=FILE, and name that file."
            raise DiagnosticError.of("Only plans are reported", detail)


def _may_be_state(path: Path) -> bool:
    """Whether a file begins as JSON does; of one that can't be read its reading will tell."""
    try:
        with path.open("rb") as file:
            return file.read(1024).lstrip().startswith(b"{")
    except OSError:
        return True


def _chosen(form: str | None, *, json: bool) -> str:
    if form is not None and form not in _FORMATS:
        from kvmform.lang.suggestion import did_you_mean

        detail = f'-format is one of {", ".join(_FORMATS)}; "{form}" is none.{did_you_mean(form, _FORMATS)}'
        raise DiagnosticError.of("Invalid format", detail)
    if json and form not in {None, "json"}:
        raise DiagnosticError.of("Incompatible flags", f"-json is -format=json, and there is -format={form} too.")
    return form or ("json" if json else "text")


def _show_plan(path: Path, form: str, *, show_sensitive: bool, no_color: bool) -> None:
    from kvmform.plan.planfile import read_plan
    from kvmform.view.unveiled import unveiled_plan
    from kvmform.workspace import Workspace

    saved = read_plan(path)
    shown = unveiled_plan(saved.plan) if show_sensitive else saved.plan
    if form == "text":
        open_view(json=False, no_color=no_color).plan(shown)
        return
    with Workspace(surroundings(lock=False), saved) as workspace:
        if form == "json":
            from kvmform.view.document_text import document_text
            from kvmform.view.plan_json import plan_document
            from kvmform.view.redaction import redact_plan

            document = plan_document(saved.plan, workspace.root)
            print(document_text(document if show_sensitive else redact_plan(document, workspace.root)))
        else:
            print(_report(form, shown, workspace.root))


def _report(form: str, plan: Plan, root: Module) -> str:
    from kvmform.view.plan_report import plan_report

    report = plan_report(plan, root)
    match form:
        case "markdown":
            from kvmform.view.plan_markdown import plan_markdown

            return plan_markdown(report)
        case "junit":
            from kvmform.view.plan_junit import plan_junit

            return plan_junit(report)
        case _:
            from kvmform.view.document_text import document_text
            from kvmform.view.plan_gitlab import plan_gitlab

            return document_text(plan_gitlab(report))


def _show_state(path: Path | None, *, json: bool, show_sensitive: bool) -> None:
    from kvmform.view.document_text import document_text
    from kvmform.view.redaction import redact_state
    from kvmform.view.state_json import state_document
    from kvmform.view.state_text import state_text
    from kvmform.workspace import Workspace

    with Workspace(surroundings(state=path and path.absolute(), lock=False)) as workspace:
        found = workspace.state
    if json:
        document = state_document(found)
        print(document_text(document if show_sensitive else redact_state(document)))
    else:
        print(state_text(found, show_sensitive=show_sensitive))
