"""Runs commands of kvmform in children that are killed at a given point; talks JSON lines with `killing.Killer`.

It imports all of kvmform once and forks for each command, so that a round takes a fraction of a second. A point is a
call that changes something: a write to the host, or a record of the journal being written or synchronised. The child
counts them and sends itself SIGKILL just before, or just after, the one that was asked for.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import kvmform.resources
import kvmform.view.human
import kvmform.workspace  # noqa: F401 - the same
from kvmform.cli.app import main
from kvmform.host.host import Host
from kvmform.state.journal import Journal

POINTS = ((Host, "write"), (Journal, "append"), (Journal, "sync"))


def arm(number: int, when: str) -> None:
    """Have this process killed before or after the `number`th point, counted over all threads."""
    lock = threading.Lock()
    passed = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **named: Any) -> Any:
            nonlocal passed
            with lock:
                passed += 1
                mine = passed == number
            if mine and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = call(*arguments, **named)
            if mine:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return counting

    for owner, name in POINTS:
        setattr(owner, name, counted(getattr(owner, name)))


def run(words: list[str], kill: tuple[int, str] | None, log: str) -> int:
    """Run one command in a child; its exit code, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        code = 70
        try:
            if kill is not None:
                arm(*kill)
            main(words)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


for line in sys.stdin:
    request = json.loads(line)
    answer = run(request["words"], request["kill"] and tuple(request["kill"]), request["log"])
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()
