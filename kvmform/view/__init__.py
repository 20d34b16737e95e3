"""Human and JSON twins of everything kvmform says; human text is made from the JSON model."""

import sys

from kvmform.view.view import View

__all__ = ["View", "open_view"]


def open_view(*, json: bool, color: bool, compact_warnings: bool = False) -> View:
    """The view for programs (`json`), or the one for people; colour only on a terminal."""
    if json:
        from kvmform.view.machine import MachineView

        return MachineView()
    from kvmform.view.human import HumanView

    terminal = sys.stdout.isatty()
    return HumanView(color=color and terminal, terminal=terminal, compact_warnings=compact_warnings)
