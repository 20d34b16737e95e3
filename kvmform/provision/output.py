"""What a command prints, line by line, and its end for the message if it fails."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable

__all__ = ["Output"]

_KEPT = 40


class Output:
    """Takes bytes as they come, and gives whole lines on; empty ones are left out.

    A carriage return ends a line, too: progress bars write over themselves with it.
    """

    def __init__(self, line: Callable[[str], None]) -> None:
        self._line = line
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._kept: deque[str] = deque(maxlen=_KEPT)

    def feed(self, data: bytes, *, is_last: bool = False) -> None:
        """Take what was printed; `is_last`: there will be no more."""
        text = self._rest + self._decoder.decode(data, is_last)
        *lines, self._rest = text.replace("\r", "\n").split("\n")
        if is_last and self._rest:
            lines.append(self._rest)
            self._rest = ""
        for line in map(str.rstrip, lines):
            if line:
                self._kept.append(line)
                self._line(line)

    @property
    def end(self) -> str:
        """The last lines."""
        return "\n".join(self._kept)
