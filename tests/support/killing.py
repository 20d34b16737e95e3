"""Kill a command of kvmform at any point at which it changes something."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

__all__ = ["KILLED", "Killer"]

KILLED = -9
_DRIVER = Path(__file__).with_name("kill_driver.py")


class Killer:
    """Commands in one directory, each in a process of its own that can be killed at a point. A context manager."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._log = directory.parent / f"{directory.name}.log"
        self._process = subprocess.Popen(
            [sys.executable, str(_DRIVER)],
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.last = ""
        """Where the last command was killed: "before write start domain "web"" or the like."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, *words: str, kill: tuple[int, str] | None = None) -> int:
        """The exit code of a command; KILLED if it was. `kill` is the number of the call, and "before" or "after"."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"words": words, "kill": kill, "log": str(self._log)}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def must(self, *words: str, code: int = 0) -> None:
        """Run a command that has to end with this exit code."""
        ended = self.run(*words)
        said = self._log.read_text(errors="replace")
        assert ended == code, f"kvmform {' '.join(words)} ended with {ended}, killed {self.last}:\n{said}"
        assert "Traceback" not in said, f"killed {self.last}:\n{said}"

    def points(self, *words: str, every: int = 1) -> Iterator[str]:
        """Kill the command before and after each call (each `every`th) until it ends by itself; yields where it was.

        Whoever takes a point must bring the lab back to where the command begins.
        """
        for number in range(1, 10_000, every):
            for when in ("before", "after"):
                ended = self.run(*words, kill=(number, when))
                said = self._log.read_text(errors="replace")
                if ended != KILLED:
                    assert ended == 0, said
                    return
                self.last = said.rstrip().rpartition("\n")[2].removeprefix("killed ")
                yield self.last
