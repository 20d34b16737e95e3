"""A private sshd on loopback: real OpenSSH with users, keys and a configuration of its own.

It runs in a mount namespace where /etc/passwd and /etc/shadow are the test's, so that its root
has a password and a home that nothing else on the machine knows of. It ends with the test.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from labhost import REPOSITORY
from waiting import wait_until

__all__ = ["PASSWORD", "Sshd", "free_port", "make_key", "unavailable"]

PASSWORD = "let me in"
_HASH = "$6$saltsalt$L7uOBGepdjupq9tGzqn/sm16cSyPiAp9vWIZEZzS/Ngp7hVeBH8ADyveOwiO7uBNuz0th3b/J2ymUj5G3GYul."
_START = """
set -e
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/shadow" /etc/shadow
mount -t tmpfs none /run
mkdir /run/sshd
shift
exec "$@"
"""


def _namespaces() -> list[str]:
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user", "--map-auto"]
    return ["unshare", *user, "--mount", "--pid", "--fork", "--kill-child"]


def unavailable() -> str | None:
    """Why no private sshd can run here, or None when one can."""
    tried = subprocess.run([*_namespaces(), "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        return f"no namespaces for a private sshd: {tried.stderr.strip()}"
    if shutil.which("sshd", path="/usr/sbin:/usr/bin") is None and shutil.which("apt-get") is None:
        return "there is no sshd here, and none can be fetched but from Debian's packages"
    return None


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def make_key(path: Path, kind: str = "ed25519", *, passphrase: str = "", form: str = "") -> Path:
    """A key pair at a path and `path.pub`; `form` is that of an older file (PEM, PKCS8)."""
    words = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", f"{path.name}@test", "-f", str(path)]
    bits = ["-b", "2048"] if kind == "rsa" else []
    subprocess.run([*words, *bits, *(["-m", form] if form else [])], check=True)
    return path


@dataclass
class Sshd:
    """One server. A context manager: up on entry, down on exit.

    Attributes:
        root: a directory of its own; `home` in it is where root's sessions begin.
        settings: more lines of its configuration.
    """

    root: Path
    settings: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        """Where a session begins."""
        return self.root / "home"

    @property
    def host_key(self) -> str:
        """The public key of the server."""
        return (self.root / "host_key.pub").read_text()

    @property
    def log(self) -> str:
        """What the server says of itself."""
        return (self.root / "log").read_text()

    def authorize(self, public_key: str) -> None:
        """Let a key in."""
        with (self.root / "authorized_keys").open("a") as file:
            file.write(f"{public_key.strip()}\n")

    def prepare(self) -> None:
        """Write its files; entry does it, where nobody did before."""
        self.home.mkdir(parents=True)
        make_key(self.root / "host_key")
        (self.root / "authorized_keys").touch()
        users = f"root:x:0:0::{self.home}:/bin/sh\nsshd:x:100:65534::/run/sshd:/bin/false\n"
        (self.root / "passwd").write_text(users)
        (self.root / "shadow").write_text(f"root:{_HASH}:20000:0:99999:7:::\nsshd:!:20000::::::\n")
        lines = (
            f"ListenAddress 127.0.0.1:{self.port}",
            f"HostKey {self.root}/host_key",
            f"AuthorizedKeysFile {self.root}/authorized_keys",
            "PermitRootLogin yes",
            "StrictModes no",
            "UsePAM no",
            "UseDNS no",
            "PidFile none",
            "LogLevel VERBOSE",
            *self.settings,
        )
        (self.root / "config").write_text("\n".join(lines) + "\n")

    def __enter__(self) -> Self:
        if not self.home.exists():
            self.prepare()
        fetched = subprocess.run(
            [REPOSITORY / "scripts" / "fetch_sshd"], check=True, text=True, stdout=subprocess.PIPE
        ).stdout.strip()
        with (self.root / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*_namespaces(), "sh", "-c", _START, "sh", self.root, fetched, "-D", "-e", "-f", self.root / "config"],
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": str(Path(fetched).parent)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if not wait_until(self._answers, 10, pause=0.01):
            self.__exit__()
            raise AssertionError(f"the private sshd did not start:\n{self.log}")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as link:
            return link.recv(4) == b"SSH-"
        return False
