"""Files on a host: written by its shell, or where that is Windows by sftp."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import BinaryIO, Protocol

import paramiko

from kvmform.provision.login import Connection
from kvmform.provision.output import Output
from kvmform.provision.ssh import Session

__all__ = ["SCRIPT_MODE", "RemoteFiles", "remote_files"]

SCRIPT_MODE = 0o700
_PIECE = 1 << 18


class RemoteFiles(Protocol):
    """What is done with files. Each raises OSError if the host refuses."""

    def is_directory(self, path: str) -> bool:
        """Whether there is a directory at a path."""

    def make_directory(self, path: str) -> None:
        """Make a directory; one that is there is made."""

    def write(self, path: str, content: BinaryIO, mode: int | None = None) -> None:
        """Write a file, in place of one that is there; without a mode it gets what the host gives new files."""

    def remove(self, path: str) -> None:
        """Delete a file."""


@contextmanager
def remote_files(session: Session, connection: Connection) -> Iterator[RemoteFiles]:
    """The files of a host.

    Any Unix has a shell that can write them, and not all have sftp; dropbear even ends the
    connection at times, when it is asked for what it has not. Windows has no such shell.

    Raises:
        OSError: it does not take files.
    """
    if not connection.is_windows:
        yield _ShellFiles(session)
        return
    try:
        client = paramiko.SFTPClient.from_transport(session.transport)
    except (paramiko.SSHException, EOFError) as problem:
        raise OSError("it does not take files by sftp") from problem
    assert client is not None
    with closing(client):
        yield _SftpFiles(session, client)


class _SftpFiles:
    def __init__(self, session: Session, client: paramiko.SFTPClient) -> None:
        self._session = session
        self._client = client

    def is_directory(self, path: str) -> bool:
        try:
            return stat.S_ISDIR(self._client.stat(path).st_mode or 0)
        except FileNotFoundError:
            return False

    def make_directory(self, path: str) -> None:
        if not self.is_directory(path):
            self._client.mkdir(path, 0o755)

    def write(self, path: str, content: BinaryIO, mode: int | None = None) -> None:
        with self._client.open(path, "wb") as file:
            if mode is not None:
                file.chmod(mode)
            file.set_pipelined(pipelined=True)
            while piece := content.read(_PIECE):
                self._session.check_stop()
                file.write(piece)

    def remove(self, path: str) -> None:
        self._client.remove(path)


class _ShellFiles:
    def __init__(self, session: Session) -> None:
        self._session = session

    def is_directory(self, path: str) -> bool:
        return self._session.run(f"test -d {_quoted(path)}", Output(_unheard)) == 0

    def make_directory(self, path: str) -> None:
        self._do(f"[ -d {_quoted(path)} ] || mkdir {_quoted(path)}")

    def remove(self, path: str) -> None:
        self._do(f"rm -f {_quoted(path)}")

    def _do(self, command: str) -> None:
        output = Output(_unheard)
        if self._session.run(command, output) != 0:
            raise OSError(output.end or f"`{command}` failed")

    def write(self, path: str, content: BinaryIO, mode: int | None = None) -> None:
        name = _quoted(path)
        finish = "" if mode is None else f" && chmod {mode:o} {name}"
        guard = "" if mode is None else "umask 077; "
        with closing(self._session.transport.open_session()) as channel:
            channel.exec_command(f"{guard}cat > {name}{finish}")
            try:
                while piece := content.read(_PIECE):
                    self._session.check_stop()
                    channel.sendall(piece)
            except OSError:
                # It has ended already, and says why.
                if not channel.exit_status_ready():
                    raise
            channel.shutdown_write()
            said = channel.makefile_stderr("rb").read().decode(errors="replace").strip()
            if channel.recv_exit_status() != 0:
                raise OSError(said or f"{path} can't be written")


def _quoted(path: str) -> str:
    """A path as one word for the shell; never an option."""
    return shlex.quote(f"./{path}" if path.startswith("-") else path)


def _unheard(_line: str) -> None:
    """For a command that is asked for its exit status."""
