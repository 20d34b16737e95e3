"""Human and JSON twins of everything kvmform says; human text is made from the JSON model."""

import sys

from kvmform.product import KVMFORM, Product
from kvmform.view.view import View

__all__ = ["View", "open_view"]


def open_view(*, json: bool, color: bool, compact_warnings: bool = False, product: Product = KVMFORM) -> View:
    """The view for programs (`json`), or the one for people; colour only on a terminal. Both speak as `product`.

    Where no colour is wanted at all, diagnostics have no boxes either.
    """
    if json:
        from kvmform.view.machine import MachineView

        return MachineView(product)
    from kvmform.view.human import HumanView
    from kvmform.view.style import Style

    terminal = sys.stdout.isatty()
    style = Style(color and terminal, product, boxed=color)
    return HumanView(style, terminal=terminal, compact_warnings=compact_warnings)
