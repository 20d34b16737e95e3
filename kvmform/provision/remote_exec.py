"""`remote-exec`: upload scripts to a host, and run them there."""

from __future__ import annotations

import io
import secrets
import shlex
from pathlib import Path

from kvmform.diagnostics import DiagnosticError
from kvmform.provision.login import Connection
from kvmform.provision.output import Output
from kvmform.provision.remote_files import SCRIPT_MODE, remote_files
from kvmform.provision.run import Call
from kvmform.provision.ssh import CONNECTION_LOST, Session, opened_session
from kvmform.schema import Object

__all__ = ["run_scripts"]

_SUMMARY = "remote-exec provisioner error"
_SHEBANG = b"#!/bin/sh\n"


def run_scripts(config: Object, connection_config: Object, call: Call) -> None:
    """Run the scripts one after the other; the first that fails is the last.

    Raises:
        DiagnosticError: one can't be read, uploaded or run, or ends with another exit status than 0.
    """
    connection = Connection.of(connection_config, call.base_directory)
    scripts = _scripts(config, call.base_directory)
    with opened_session(connection, call) as session:
        for script in scripts:
            _run(script, connection, session)


def _scripts(config: Object, base_directory: Path) -> list[bytes]:
    if config["inline"] is not None:
        return ["".join(f"{line}\n" for line in config["inline"]).encode()]
    paths = config["scripts"] if config["scripts"] is not None else [config["script"]]
    return [_content(base_directory / Path(path).expanduser()) for path in paths]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise DiagnosticError.of(_SUMMARY, f"The script {path} can't be read: {problem.strerror}.") from problem


def _run(script: bytes, connection: Connection, session: Session) -> None:
    path = connection.script_path.replace("%RAND%", str(secrets.randbelow(1 << 31)))
    if not connection.is_windows and not script.startswith(b"#!"):
        script = _SHEBANG + script
    try:
        with remote_files(session, connection) as files:
            files.write(path, io.BytesIO(script), None if connection.is_windows else SCRIPT_MODE)
    except OSError as problem:
        detail = (
            f"The script could not be written to {path} on {connection.target}: {problem}. Another place can be "
            "chosen with script_path in the connection block."
        )
        raise DiagnosticError.of(_SUMMARY, detail) from problem
    output = Output(session.call.line)
    command = path if connection.is_windows else shlex.quote(path)
    status = session.run(command, output, terminal=not connection.is_windows)
    if status == CONNECTION_LOST:
        detail = f"The connection to {connection.target} ended before the script did."
        raise DiagnosticError.of(_SUMMARY, detail)
    if not connection.is_windows:
        session.run(f"rm -f {command}", Output(lambda _: None))
    if status != 0:
        raise DiagnosticError.of(_SUMMARY, _failure(path, status, connection, output, session.call))


def _failure(path: str, status: int, connection: Connection, output: Output, call: Call) -> str:
    text = f"The script {path} on {connection.target} ended with exit status {status}."
    if call.is_secret:
        return f"{text} Its output is not shown, since there is a sensitive value in its configuration."
    return f"{text}\n\nOutput: {output.end or '(none)'}"
