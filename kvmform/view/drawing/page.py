"""How a difference is drawn: symbols, notes, and what is left out."""

from __future__ import annotations

from kvmform.struct import Struct
from kvmform.view.differences import Mark, Node
from kvmform.view.style import Style

__all__ = ["STEP", "Page", "plural"]

STEP = "    "
"""What each level is indented by; a symbol takes the place of one."""
_SYMBOLS = {Mark.CREATE: "  + ", Mark.UPDATE: "  ~ ", Mark.DELETE: "  - ", Mark.SAME: STEP}


class Page(Struct):
    """`symbols`: whether it shows what becomes of values, or only what they are; `whole`: whether also what stays.

    `says_null`: whether it is said of a value that goes that it becomes null.
    """

    style: Style
    symbols: bool = True
    whole: bool = False
    says_null: bool = True

    def entire(self) -> Page:
        """The same with all that stays."""
        return self if self.whole else Page(self.style, self.symbols, whole=True, says_null=self.says_null)

    def without_null(self, *, unless: bool = False) -> Page:
        """The same, saying nothing of null (or, `unless`, saying it)."""
        return self if self.says_null is unless else Page(self.style, self.symbols, self.whole, unless)

    def margin(self, depth: int, mark: Mark = Mark.SAME) -> str:
        """What begins a line at a depth: blanks, and the symbol."""
        if not self.symbols:
            return STEP * depth
        symbol = _SYMBOLS[mark]
        if mark is not Mark.SAME and self.style.color:
            symbol = self.style(mark.value, symbol[:-1]) + " "
        return STEP * depth + symbol

    def note(self, node: Node) -> str:
        """What ends the first line of a node."""
        if node.note is None:
            return ""
        return " " + self.style("delete" if node.note.replaces else "dim", f"# {node.note.text}")

    def null(self, node: Node) -> str:
        """What ends a value that goes."""
        return self.style("dim", " -> null") if self.says_null and node.mark is Mark.DELETE else ""

    def arrow(self) -> str:
        """What stands between a value before and after."""
        return self.style("update", "->")

    def hidden(self, count: int, word: str, depth: int) -> str:
        """The line for what is left out because it stays."""
        return self.margin(depth) + self.style("dim", f"# ({plural(count, f'unchanged {word}')} hidden)")


def plural(count: int, word: str) -> str:
    """`1 block`, `2 blocks`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
