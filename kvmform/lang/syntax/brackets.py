"""What is open at a place in the text, and so whether a newline means anything there."""

from __future__ import annotations

import re

__all__ = ["Brackets"]

# Three kinds of braces look alike; the other brackets stand for themselves.
_OBJECT = "{"
_BLOCK = "block"
_FOR = "for"
_SEQUENCE = "${"

_BRACES = frozenset({_OBJECT, _BLOCK, _FOR, _SEQUENCE})
_CLOSED_BY = {")": {"("}, "]": {"["}, "}": {_OBJECT, _BLOCK, _FOR}}
_FOR_NEXT = re.compile(r"(?:[ \t\r\n]|(?:\#|//)[^\n]*\n|/\*(?s:.*?)\*/)*+for(?![\w-])")


class Brackets:
    """The open brackets of a text, innermost last."""

    __slots__ = ("_opened",)

    def __init__(self) -> None:
        self._opened: list[str] = []

    def __len__(self) -> int:
        return len(self._opened)

    @property
    def newline_counts(self) -> bool:
        """Whether a newline ends something: in a file, a block and an object, but not in a for expression."""
        return not self._opened or self._opened[-1] in {_BLOCK, _OBJECT}

    @property
    def in_body(self) -> bool:
        """Whether arguments and blocks stand here."""
        return not self._opened or self._opened[-1] == _BLOCK

    def open(self, bracket: str) -> None:
        """Open `(`, `[`, or a sequence."""
        self._opened.append(bracket)

    def open_brace(self, text: str, after: int, *, is_block: bool) -> None:
        """Open the brace before offset `after`, of a block or of an expression."""
        if is_block:
            self._opened.append(_BLOCK)
        else:
            self._opened.append(_FOR if _FOR_NEXT.match(text, after) else _OBJECT)

    def close(self, bracket: str) -> bool:
        """Close the innermost one if this bracket does that, and it is no sequence; tell whether it was."""
        if self._opened and self._opened[-1] in _CLOSED_BY[bracket]:
            self._opened.pop()
            return True
        return False

    def close_brace(self) -> bool:
        """Close the innermost brace, and what is open in it by mistake; tell whether it was a sequence's."""
        for index in reversed(range(len(self._opened))):
            if self._opened[index] in _BRACES:
                is_sequence = self._opened[index] == _SEQUENCE
                del self._opened[index:]
                return is_sequence
        return False

    @property
    def in_sequence(self) -> bool:
        """Whether the innermost brace is that of a sequence."""
        return next((opened for opened in reversed(self._opened) if opened in _BRACES), None) == _SEQUENCE

    def give_up(self, depth: int) -> None:
        """Forget all but the outermost `depth` brackets."""
        del self._opened[depth:]

    def give_up_to_newline(self) -> None:
        """Forget the innermost ones in which no newline counts."""
        while not self.newline_counts:
            self._opened.pop()
