"""`local-exec`: run a command on this machine."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kvmform.diagnostics import DiagnosticError
from kvmform.provision.output import Output
from kvmform.provision.run import Call
from kvmform.schema import Object

__all__ = ["run_command"]

_SUMMARY = "local-exec provisioner error"
_TICK = 0.2
"""Seconds after which a command is asked whether it shall go on, where nothing happens."""
_GRACE = 5.0
"""Seconds that a command has to end when it is told to."""


def run_command(config: Object, call: Call) -> None:
    """Run the command and wait for its end.

    What it leaves running in the background is not waited for.

    Raises:
        DiagnosticError: it can't be started, failed, or was stopped.
    """
    words = [*(config["interpreter"] or ("/bin/sh", "-c")), config["command"]]
    given = config["environment"] or {}
    environment = {**os.environ, **{name: value for name, value in given.items() if value is not None}}
    directory = call.base_directory / Path(config["working_dir"] or ".").expanduser()
    shown = " ".join(json.dumps(word, ensure_ascii=False) for word in words)
    call.line("local-exec: Executing: Suppressed by quiet=true" if config["quiet"] else f"Executing: [{shown}]")
    output = Output(call.line)
    try:
        process = subprocess.Popen(
            words,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=None if _is_interactive() else 0,
        )
    except (OSError, ValueError) as problem:
        why = str(problem) if call.is_secret is False else type(problem).__name__
        raise DiagnosticError.of(_SUMMARY, f"The command can't be started: {why}.") from problem
    with process:
        is_stopped = _follow(process, output, call.stop)
    if is_stopped:
        detail = "The command was ended, since you asked to stop."
    elif process.returncode == 0:
        return
    else:
        detail = f"The command {_ending(process.returncode)}."
    raise DiagnosticError.of(_SUMMARY, detail + _evidence(config, output, call))


def _is_interactive() -> bool:
    """Whether somebody sits at a terminal: commands may then ask there, and get Ctrl-C from it.

    Elsewhere each has a process group of its own, so that all that it started ends with it.
    """
    return sys.stdin is not None and sys.stdin.isatty()


def _follow(process: subprocess.Popen[bytes], output: Output, stop: threading.Event) -> bool:
    """Read what a process prints until it ends; returns whether it was ended because of `stop`."""
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    os.set_blocking(pipe, False)
    told_at: float | None = None
    with _watching(process, pipe) as watched:
        while process.poll() is None:
            watched.select(_TICK)
            if not _read(pipe, output):
                watched.unregister(pipe)
                pipe = -1
            if stop.is_set() and told_at is None:
                told_at = time.monotonic()
                _signal(process, signal.SIGTERM)
            elif told_at is not None and time.monotonic() - told_at > _GRACE:
                _signal(process, signal.SIGKILL)
        _read(pipe, output)
    output.feed(b"", is_last=True)
    return told_at is not None


@contextmanager
def _watching(process: subprocess.Popen[bytes], pipe: int) -> Iterator[selectors.BaseSelector]:
    """Waits for output, and for the end of the process itself: what it started may hold the pipe open."""
    end = os.pidfd_open(process.pid)
    try:
        with selectors.DefaultSelector() as watched:
            watched.register(end, selectors.EVENT_READ)
            watched.register(pipe, selectors.EVENT_READ)
            yield watched
    finally:
        os.close(end)


def _read(pipe: int, output: Output) -> bool:
    """Take all that is in a pipe; whether there may be more."""
    with suppress(BlockingIOError):
        while pipe >= 0:
            data = os.read(pipe, 65536)
            if not data:
                return False
            output.feed(data)
    return True


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)


def _ending(code: int) -> str:
    if code > 0:
        return f"ended with exit status {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _evidence(config: Object, output: Output, call: Call) -> str:
    if call.is_secret:
        return " It and its output are not shown, since there is a sensitive value in its configuration."
    command = "" if config["quiet"] else f"\n\nCommand: {config['command']}"
    return f"{command}\n\nOutput: {output.end or '(none)'}"
