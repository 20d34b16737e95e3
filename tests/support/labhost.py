"""A private libvirt host for tests: real libvirtd and QEMU, cut off from the machine's own libvirt.

`scripts/private_libvirtd` does the work; this is its handle. A host is up in about 0.1 s and gone in a few
milliseconds, with all its guests, networks and firewall rules, because they live in namespaces of their own.
It dies with the process that started it, however that one ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

import libvirt
from waiting import wait_until

__all__ = ["LabHost", "LabHostError"]

REPOSITORY = Path(__file__).resolve().parents[2]
LIBVIRTD = Path("/usr/sbin/libvirtd")


class LabHostError(Exception):
    """The private host could not be started, or left something behind."""


class LabHost:
    """One private libvirt host. A context manager: up on entry, down on exit.

    Args:
        root: directory of its own, made if missing and deleted by `down`. Keep its path short: a Unix socket's
            name has at most 107 characters.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._init: int | None = None

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    @property
    def uri(self) -> str:
        """URI by which any libvirt client on this machine reaches this host."""
        return f"qemu+unix:///system?socket={self.root}/run/libvirt-sock"

    @staticmethod
    def unavailable() -> str | None:
        """Why no private host can run here, or None when one can."""
        if not LIBVIRTD.exists():
            return "libvirtd is not installed (make setup installs it)"
        namespaces = ["--mount", "--net", "--pid", "--fork"]
        if os.geteuid() != 0:
            if shutil.which("newuidmap") is None:
                return "a private libvirtd without root needs newuidmap (Debian's package uidmap)"
            if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
                return "a private libvirtd without root needs /dev/net/tun to be open to all (mode 0666)"
            namespaces += ["--user", "--map-root-user", "--map-auto"]
        tried = subprocess.run(["unshare", *namespaces, "true"], capture_output=True, text=True, check=False)
        return None if tried.returncode == 0 else f"no namespaces for a private libvirtd: {tried.stderr.strip()}"

    def up(self) -> None:
        """Start it and wait until it answers.

        Raises:
            LabHostError: it did not answer within 20 s; the message ends with its log.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "output").open("wb") as output:
            self._process = subprocess.Popen(
                [REPOSITORY / "scripts" / "private_libvirtd", "lab", self.root],
                stdin=subprocess.PIPE,  # its lifeline: the kernel closes it when this process ends
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for pytest, which then takes the host down
            )
        if not wait_until(lambda: self._answers() or self._ended(), 20, pause=0.01) or self._ended():
            log = self._log()
            self.down()
            raise LabHostError(f"the private libvirtd did not start:\n{log}")
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        self._init = int(children.read_text().split()[0])

    def down(self) -> None:
        """Power everything off at once, and delete the host's directory.

        Raises:
            LabHostError: processes or mounts of the host are still there.
        """
        remains = self.processes()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
        self._process = self._init = None
        # The kernel ends what is left of a process namespace as it ends its first process, in its own time.
        if not wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in remains), 5):
            raise LabHostError(f"processes of {self.root} outlived their host: {remains}")
        if str(self.root) in Path("/proc/self/mountinfo").read_text():
            raise LabHostError(f"mounts of {self.root} are still there")
        shutil.rmtree(self.root, ignore_errors=True)

    def crash(self) -> None:
        """Kill libvirtd, not its guests or networks, and wait until a new one answers."""
        process_file = self.root / "run" / "libvirtd.pid"
        before = process_file.read_text()
        self.exec_(["kill", "-KILL", before.strip()])
        wait_until(lambda: process_file.exists() and process_file.read_text() not in {"", before}, 10)
        if not wait_until(self._answers, 20):
            raise LabHostError(f"libvirtd did not come back:\n{self._log()}")

    def exec_(self, command: list[str], *, seconds: float = 20) -> str:
        """Run a program inside the host (its network, files and processes), and return what it printed.

        Raises:
            subprocess.CalledProcessError: it failed.
            subprocess.TimeoutExpired: it took longer than `seconds`.
        """
        if self._init is None:
            raise LabHostError("the private host is not up")
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        namespaces = ["--mount", "--root", "--net", "--uts", "--ipc", "--pid"]
        return subprocess.run(
            ["nsenter", f"--target={self._init}", *user, *namespaces, "--", *command],
            check=True,
            text=True,
            capture_output=True,
            timeout=seconds,
        ).stdout

    def in_network(self) -> list[str]:
        """What stands before a command that shall reach the guests; it sees the machine's own files.

        Raises:
            LabHostError: the host is not up.
        """
        if self._init is None:
            raise LabHostError("the private host is not up")
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", f"--target={self._init}", *user, "--net", "--"]

    def connect(self) -> libvirt.virConnect:
        """Open a connection of the caller's own, past kvmform, to look at what is really there."""
        return libvirt.open(self.uri)

    def leases(self, network: str) -> dict[str, str]:
        """DHCP leases of one network: MAC address to IP address."""
        connection = self.connect()
        try:
            rows = connection.networkLookupByName(network).DHCPLeases()
        finally:
            connection.close()
        return {row["mac"]: row["ipaddr"] for row in rows}

    def processes(self) -> list[int]:
        """Ids, as seen from outside, of all processes that live in this host."""
        if self._init is None:
            return []
        space = _process_namespace(self._init)
        everything = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
        return [pid for pid in everything if space is not None and _process_namespace(pid) == space]

    def _answers(self) -> bool:
        try:
            libvirt.open(self.uri).close()
        except libvirt.libvirtError:
            return False
        return True

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _log(self) -> str:
        files = [self.root / "output", self.root / "log" / "libvirtd.log"]
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in files if path.exists())


def _process_namespace(pid: int) -> str | None:
    try:
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    except OSError:  # it ended, or it is another user's
        return None
