"""The view for people: text on standard output, errors on standard error."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kvmform.diagnostics import Diagnostic, Severity
from kvmform.view.style import Style

if TYPE_CHECKING:
    from kvmform.address import InstanceAddress
    from kvmform.apply.events import Event
    from kvmform.apply.report import Report
    from kvmform.plan.change import Plan
    from kvmform.state.model import OutputValue
    from kvmform.view.progress import Progress

__all__ = ["HumanView"]


class HumanView:
    """Plain lines in a pipe; on a terminal, with what is running below them."""

    def __init__(self, style: Style, *, terminal: bool, compact_warnings: bool) -> None:
        """`compact_warnings`: where nothing is wrong, warnings are told by their summaries alone."""
        self._style = style
        self._terminal = terminal
        self._compact_warnings = compact_warnings
        self._lock = threading.Lock()
        self._progress: Progress | None = None

    def diagnostics(self, found: Iterable[Diagnostic]) -> None:
        """Errors and warnings, of those that are alike only the first; errors go to standard error."""
        if not (found := tuple(found)):
            return
        from kvmform.view.columns import terminal_columns
        from kvmform.view.diagnostics_json import diagnostic_form
        from kvmform.view.diagnostics_text import consolidated, diagnostic_text, summaries_text

        if self._compact_warnings and all(each.severity is Severity.WARNING for each in found):
            self._write(f"{summaries_text(found, self._style)}\n")
            return
        columns = (terminal_columns(),) if self._terminal else ()
        for diagnostic in consolidated(found):
            text = diagnostic_text(diagnostic_form(diagnostic), self._style, *columns)
            with self._lock:
                sys.stdout.flush()
                print(text, file=sys.stderr if diagnostic.severity is Severity.ERROR else sys.stdout)
                sys.stderr.flush()

    def say(self, text: str, code: str | None = None) -> None:
        """The line; those that begin something stand out."""
        self._write(f"{self._style('bold', text) if code and text.endswith(('...', '!')) else text}\n")

    def refreshing(self, _address: InstanceAddress, _known_id: str | None, _done: bool) -> None:
        """Nothing; it is done in a moment."""

    def plan(self, plan: Plan) -> None:
        """The whole plan."""
        from kvmform.struct import replace
        from kvmform.view.plan_json import changes_document
        from kvmform.view.plan_text import plan_text

        acting = tuple(change for change in plan.changes if not change.is_idle)
        self._write(plan_text(changes_document(replace(plan, changes=acting)), self._style))

    def plan_saved(self, path: Path) -> None:
        """Say where the plan is, and how to apply it."""
        from kvmform.view.columns import rule, terminal_columns

        how = f"To perform exactly these actions, run:\n    {self._style.product.program} apply {path}"
        self._write(f"\n{rule(terminal_columns())}\n\nSaved the plan to: {path}\n\n{how}\n")

    def ask(self, question: str, detail: str) -> str:
        """Ask on the terminal."""
        lines = "".join(f"  {line}\n" for line in detail.splitlines())
        self._write(f"\n{self._style('bold', question)}\n{lines}\n")
        answer = input(f"  {self._style('bold', 'Enter a value:')} ").strip()
        if not sys.stdin.isatty():
            self._write("\n")  # nobody typed the end of the line
        return answer

    def apply_begins(self, plan: Plan) -> None:
        """Open the lines of what is running."""
        if self._terminal and plan.steps:
            from kvmform.view.event_words import DOING
            from kvmform.view.progress import Progress

            self._progress = Progress(len([step for step in plan.steps if step.verb in DOING]))

    def event(self, event: Event) -> None:
        """A line for what begins and ends; progress goes to the terminal's live lines."""
        from kvmform.view.event_lines import event_line

        with self._lock:
            if self._progress is not None:
                self._progress.event(event)
            line = event_line(event, self._style, live=self._progress is not None)
            if line and self._progress is not None:
                self._progress.print(line)
            elif line:
                print(line, flush=True)  # noqa: T201 - a view writes

    def apply_ends(self, plan: Plan, report: Report, outputs: Mapping[str, OutputValue], *, destroy: bool) -> None:
        """The summary, and the outputs."""
        from kvmform.plan.change import Mode
        from kvmform.view.outputs import output_text
        from kvmform.view.report_text import report_text

        self._close_progress()
        self._write(report_text(report, self._style, destroy=destroy))
        if outputs and not report.diagnostics and plan.mode is not Mode.DESTROY:
            self._write(f"\n{self._style('good', 'Outputs:')}\n\n{output_text(outputs)}\n")

    def interrupted(self, *, again: bool) -> None:
        """Say what happens now."""
        if again:
            text = "Two interrupts received. Ending now; what was begun is in the journal, and the next run goes on."
        else:
            text = "Interrupt received. Finishing what is in flight, beginning nothing more; again to end at once."
        self._write(f"\n{self._style('warning', text)}\n")

    def close(self) -> None:
        """End the live lines."""
        self._close_progress()
        sys.stdout.flush()

    def _close_progress(self) -> None:
        with self._lock:
            if self._progress is not None:
                self._progress.close()
                self._progress = None

    def _write(self, text: str) -> None:
        if self._progress is not None:
            self._progress.print(text)
        else:
            sys.stdout.write(text)
            sys.stdout.flush()
