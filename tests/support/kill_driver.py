"""Runs commands of kvmform in children that are killed at a given point; talks lines of text with `killing.Killer`.

It imports all of kvmform once and forks for each command, so that a round takes a fraction of a second. A point is
just before, or just after, a call that changes something: a write to the host, a record of the journal that is
written or synchronised, the state that is replaced. The child counts the calls and sends itself SIGKILL.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import kvmform.host.transfer
from kvmform.cli.app import main
from kvmform.host.host import Host
from kvmform.state.backends.local import LocalBackend
from kvmform.state.journal import Journal

CALLS = (
    (Host, "write", 1),
    (Host, "transfer", 1),
    (kvmform.host.transfer, "_send", 40),
    (Journal, "append", 1),
    (Journal, "sync", 1),
    (Journal, "remove", 1),
    (LocalBackend, "write", 1),
)
"""What is counted, and every how manyth of them: the pieces of an image are too many to stop at each."""


class Counter:
    """Counts calls over all threads, and ends the process at one of them."""

    def __init__(self, number: int, when: str) -> None:
        self._number = number
        self._when = when
        self._passed = 0
        self._lock = threading.Lock()

    def around(self, name: str, call: Callable[..., Any], every: int) -> Callable[..., Any]:
        """The same function, counted."""
        calls = 0

        def counted(*arguments: Any, **named: Any) -> Any:
            nonlocal calls
            with self._lock:
                calls += 1
                self._passed += calls % every == 0
                mine = calls % every == 0 and self._passed == self._number
            if mine and self._when == "before":
                self._die("before", name, arguments)
            result = call(*arguments, **named)
            if mine:
                self._die("after", name, arguments)
            return result

        return counted

    def _die(self, when: str, name: str, arguments: tuple[Any, ...]) -> NoReturn:
        what = " ".join(str(argument) for argument in arguments[1:])
        os.write(2, f"killed {when} {name} {what:.200}\n".encode(errors="replace"))
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("SIGKILL was survived")


def run(words: list[str], kill: tuple[int, str] | None, log: str) -> int:
    """Run one command in a child; its exit code, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        os.dup2(output, 1)
        os.dup2(output, 2)
        code = 70
        try:
            if kill is not None:
                counter = Counter(*kill)
                for owner, name, every in CALLS:
                    setattr(owner, name, counter.around(name, getattr(owner, name), every))
            main(words)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


for module in pkgutil.walk_packages(kvmform.__path__, "kvmform."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)

for line in sys.stdin:
    request = json.loads(line)
    print(run(request["words"], request["kill"] and tuple(request["kill"]), request["log"]), flush=True)  # noqa: T201
