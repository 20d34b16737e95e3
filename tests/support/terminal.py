"""A command at a terminal: what a person sees there, and types."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from lab import KVMFORM

__all__ = ["Terminal"]


class Terminal:
    """Runs kvmform with a terminal as its input and output. Use it in a `with` block."""

    def __init__(self, directory: Path, environment: dict[str, str], *words: str) -> None:
        self._own, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [KVMFORM, *words], cwd=directory, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self.seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._own)

    def sees(self, text: str, seconds: float = 20) -> None:
        """Wait until a text is on the terminal, behind what was waited for before.

        Raises:
            AssertionError: it does not come.
        """
        behind = len(self.seen)
        deadline = time.monotonic() + seconds
        while text not in self.seen[behind:]:
            assert self._read(deadline), f"no {text!r} in {self.seen!r}"

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._own, f"{text}\n".encode())

    def ends(self, code: int, seconds: float = 20) -> str:
        """Wait for the end of the command; what was on the terminal.

        Raises:
            AssertionError: it does not end, or with another exit code.
        """
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        assert self._process.wait(timeout=seconds) == code, self.seen
        return self.seen

    def _read(self, deadline: float) -> bool:
        """Read more; False at the end, or when there is no time left."""
        ready, _, _ = select.select([self._own], [], [], max(deadline - time.monotonic(), 0.0))
        if not ready:
            return False
        try:
            found = os.read(self._own, 65536)
        except OSError:  # a terminal that nobody writes to any more
            return False
        self.seen += found.decode(errors="replace").replace("\r\n", "\n")
        return bool(found)
