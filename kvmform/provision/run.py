"""Run one provisioner."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from kvmform.schema import Object
from kvmform.struct import Struct

__all__ = ["Call", "run"]


class Call(Struct, kw_only=True):
    """What a provisioner gets beside its arguments.

    `line` takes each line that it prints; `waiting` a few words on what it waits for, again and
    again while it does. Once `stop` is set it ends as soon as it can, with an error.
    """

    base_directory: Path
    """Where relative paths start: the root module's directory."""
    line: Callable[[str], None]
    waiting: Callable[[str], None]
    stop: threading.Event
    is_secret: bool
    """Whether there is something in the arguments that must not be shown."""


def run(kind: str, config: Object, connection: Object | None, call: Call) -> None:
    """Run a provisioner of a type to its end.

    Args:
        kind: `local-exec`, `remote-exec` or `file`.
        config: its arguments, all of them known; see kvmform.provision.schemas.
        connection: those of its connection; `local-exec` needs none.
        call: what else it gets.

    Raises:
        DiagnosticError: it failed, or was stopped.
    """
    match kind, connection:
        case "local-exec", _:
            from kvmform.provision.local_exec import run_command

            run_command(config, call)
        case "remote-exec", dict():
            from kvmform.provision.remote_exec import run_scripts

            run_scripts(config, connection, call)
        case "file", dict():
            from kvmform.provision.upload import upload

            upload(config, connection, call)
        case _:
            raise AssertionError(f"{kind} with connection {connection} should have been refused")
