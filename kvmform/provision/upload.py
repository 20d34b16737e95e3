"""`file`: upload a file, a directory or a text to a host."""

from __future__ import annotations

import io
import posixpath
from pathlib import Path

from kvmform.diagnostics import DiagnosticError
from kvmform.provision.login import Connection
from kvmform.provision.remote_files import RemoteFiles, remote_files
from kvmform.provision.run import Call
from kvmform.provision.ssh import opened_session
from kvmform.schema import Object

__all__ = ["upload"]

_SUMMARY = "file provisioner error"


def upload(config: Object, connection_config: Object, call: Call) -> None:
    """Upload what the arguments say.

    A file or text becomes the file `destination`; a file goes into it if it is a directory. Of
    a directory `a/b/` the content goes to `destination`, and `a/b` itself goes into it, or
    becomes it if it is not there: as scp does.

    Raises:
        DiagnosticError: the source can't be read, or the host doesn't take it.
    """
    connection = Connection.of(connection_config, call.base_directory)
    written: str | None = config["source"]
    source = None if written is None else call.base_directory / Path(written).expanduser()
    if source is not None and not source.exists():
        raise DiagnosticError.of(_SUMMARY, f"There is no file or directory {source} to upload.")
    destination = _from_home(config["destination"])
    with opened_session(connection, call) as session:
        try:
            with remote_files(session, connection) as files:
                if source is None:
                    files.write(destination, io.BytesIO(config["content"].encode()))
                elif source.is_dir():
                    _directory(files, source, destination, is_content_only=str(written).endswith("/"))
                else:
                    _file(files, source, destination)
        except OSError as problem:
            text = problem.strerror or str(problem)
            place = f" ({problem.filename})" if problem.filename else ""
            detail = f"The upload to {config['destination']} on {connection.target} failed: {text}{place}."
            raise DiagnosticError.of(_SUMMARY, detail) from problem


def _from_home(path: str) -> str:
    """A path from the user's home directory is one that begins nowhere."""
    return path.removeprefix("~/") if path != "~/" else "."


def _file(files: RemoteFiles, source: Path, destination: str) -> None:
    if destination.endswith("/") or files.is_directory(destination):
        destination = posixpath.join(destination, source.name)
    with source.open("rb") as content:
        files.write(destination, content)


def _directory(files: RemoteFiles, source: Path, destination: str, *, is_content_only: bool) -> None:
    if not is_content_only and files.is_directory(destination):
        destination = posixpath.join(destination, source.resolve().name)
    files.make_directory(destination)
    for item in sorted(source.iterdir()):
        target = posixpath.join(destination, item.name)
        if item.is_dir():
            _directory(files, item, target, is_content_only=True)
        else:
            with item.open("rb") as content:
                files.write(target, content)
