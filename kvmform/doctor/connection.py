"""Whether libvirt answers."""

from __future__ import annotations

import getpass
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from kvmform.diagnostics import Diagnostic
from kvmform.doctor.finding import Finding, error, good, warning
from kvmform.host.host import Host
from kvmform.host.opening import is_local

__all__ = ["broken", "examine", "refused"]

_CHECK = "libvirt"
_OLDEST = (6, 0, 0)
"""The oldest libvirt whose calls kvmform uses (the one of Ubuntu 20.04)."""
_DAEMONS = ("libvirtd", "virtqemud")
_SOCKETS = (Path("/run/libvirt/libvirt-sock"), Path("/run/libvirt/virtqemud-sock"))
_OWN_DAEMONS = {("qemu", "", "/system", ""), ("qemu+unix", "", "/system", "")}
"""URIs of the daemons that the machine itself starts, as the parts of a URL."""
_BESIDE = {
    "virtlogd": "the output of guests: none can start",
    "virtnetworkd": "networks",
    "virtstoraged": "storage pools and volumes",
}
_INSTALL = (
    "apt install qemu-system libvirt-daemon-system  (Debian, Ubuntu)",
    "dnf install qemu-kvm libvirt-daemon-kvm libvirt-daemon-config-network  (Fedora, RHEL)",
)


def refused(uri: str, problem: Diagnostic) -> Finding:
    """No connection: what libvirt says, and how to come by one."""
    return error(_CHECK, f"no connection to {uri}", problem.detail, *_ways_in(uri))


def _ways_in(uri: str) -> tuple[str, ...]:
    if not is_local(uri):
        return ()
    installed = next((name for name in _DAEMONS if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")), None)
    if installed is None:
        return _INSTALL
    if not any(socket.exists() for socket in _SOCKETS):
        unit = "libvirtd" if installed == "libvirtd" else "virtqemud.socket virtnetworkd.socket virtstoraged.socket"
        return (f"systemctl enable --now {unit}", f"{installed} -d  (without systemd)")
    return (f"usermod -aG libvirt {getpass.getuser()}, then log in again",)


def broken(problem: Diagnostic) -> Finding:
    """The connection was lost, or the host refuses to tell."""
    return error(_CHECK, problem.summary, problem.detail)


def examine(host: Host) -> Iterator[Finding]:
    """The hypervisor, and how old libvirt is."""
    version = ".".join(map(str, host.libvirt_version))
    if host.is_simulated:
        yield good(_CHECK, f"a simulated host (libvirt {version}): plans and applies, and runs no guests")
    elif host.libvirt_version < _OLDEST:
        yield warning(
            _CHECK,
            f"libvirt {version} is old",
            f"kvmform is made for libvirt {'.'.join(map(str, _OLDEST))} and later; some changes will be refused.",
            "Update the distribution of the host.",
        )
    else:
        yield good(_CHECK, f"libvirt {version} answers, for {host.kind.upper()}")
    if urlsplit(host.uri)[:4] in _OWN_DAEMONS:
        yield from _daemons()


def _daemons() -> Iterator[Finding]:
    """The daemons beside the one that answers; guests, networks or volumes don't start without them."""
    separate = not _SOCKETS[0].exists()
    for daemon, use in _BESIDE.items() if separate else (("virtlogd", _BESIDE["virtlogd"]),):
        if not Path(f"/run/libvirt/{daemon}-sock").exists():
            detail = f"libvirt needs it for {use}."
            yield error("daemons", f"{daemon} does not run", detail, f"systemctl enable --now {daemon}.socket")
