"""Opening a connection, and saying well why it fails.

URIs are libvirt's own, `driver[+transport]://[user@][host][:port]/path[?parameters]`, with all
its transports; libvirt carries them out, ssh through the system's `ssh` with its configuration.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from kvmform.diagnostics import DiagnosticError
from kvmform.host.binding import libvirt
from kvmform.host.errors import UnreachableError
from kvmform.host.events import start_event_loop
from kvmform.log import LOG

__all__ = ["is_in_process", "is_local", "is_simulated", "open_connection"]

_DRIVERS = (
    *("bhyve", "ch", "esx", "gsx", "hyperv", "lxc", "openvz", "qemu", "test"),
    *("vbox", "vmwareplayer", "vmwarews", "vpx", "vz", "xen"),
)

_KEEP_ALIVE_SECONDS = 5
_KEEP_ALIVE_COUNT = 6

_START = (
    "Start it with `systemctl start libvirtd.socket` (or `systemctl start virtqemud.socket virtnetworkd.socket "
    "virtstoraged.socket` where libvirt's daemons are separate ones). Without any hypervisor, "
    "the URI test+file:host.xml gives a simulated host."
)


class _Advice(NamedTuple):
    """What to do when libvirt's reason matches a pattern."""

    pattern: str
    text: str


_ADVICE = (
    _Advice(
        r"Failed to connect socket.*(No such file|Connection refused)",
        f"libvirt's daemon does not run there, or the socket has another path. {_START}",
    ),
    _Advice(
        r"Failed to connect socket.*Permission denied|authentication \w+|polkit|access denied",
        "The user may not use the daemon. Add the user to the group libvirt with `usermod -aG libvirt USER` and log in "
        "again; qemu:///session needs no rights, but has no networks.",
    ),
    _Advice(
        r"Host key verification failed",
        "ssh does not know the host yet. Log in once with ssh and accept its key, or set known_hosts in the URI.",
    ),
    _Advice(
        r"Permission denied \(|Too many authentication failures",
        "ssh did not let the user in. Make sure that `ssh USER@HOST` works without a password (a key and ssh-agent); "
        "name another key with ?keyfile=PATH in the URI.",
    ),
    _Advice(
        r"Could not resolve hostname|Unable to resolve|Name or service not known",
        "The host's name can't be found. Check its spelling, and whether the VPN or DNS that knows it is up.",
    ),
    _Advice(
        r"nc: (not found|command not found)|netcat",
        "libvirt's ssh transport uses nc (netcat) on the host. Install it there, or add ?proxy=native to the URI.",
    ),
    _Advice(
        r"certificate|TLS|gnutls",
        "The transport tls needs certificates on both sides, by default in /etc/pki. The transport ssh, as in "
        "qemu+ssh://USER@HOST/system, needs none.",
    ),
    _Advice(
        r"Connection refused|timed out|No route to host|Network is unreachable|Cannot recv data|unable to connect",
        "Check that the host is up, that it can be reached from here, and that `ssh USER@HOST virsh list` works "
        "if the URI says ssh.",
    ),
    _Advice(
        r"no connection driver available",
        "libvirt there was built or installed without this hypervisor's driver. For KVM and QEMU the URI is "
        "qemu:///system, and the driver's package is libvirt-daemon-driver-qemu on many distributions.",
    ),
    _Advice(
        r"unexpected .* URI path|transport in URL not recognised|parse URI",
        "Write the URI as qemu:///system, qemu:///session, qemu+ssh://USER@HOST/system, qemu+tls://HOST/system "
        "or qemu+tcp://HOST/system.",
    ),
)


def is_simulated(uri: str) -> bool:
    """Whether the URI is that of a simulated host kept in a file (:mod:`kvmform.host.simulated`)."""
    return urlsplit(uri).scheme == "test+file"


def is_in_process(uri: str) -> bool:
    """Whether the objects live in the connection itself, so that a second one doesn't see them."""
    return urlsplit(uri).scheme == "test"


def is_local(uri: str) -> bool:
    """Whether the URI is that of a hypervisor on this machine, whose files are those here."""
    parts = urlsplit(uri)
    return not parts.netloc and parts.scheme not in {"test", "test+file"}


def open_connection(uri: str) -> Any:
    """Open a virConnect. One over a network notices within half a minute that the other end is gone.

    Raises:
        UnreachableError: with libvirt's reason, and a way out.
    """
    scheme, transport = _check(uri)
    is_remote = transport not in ("", "unix") or bool(urlsplit(uri).netloc)
    if is_remote and scheme != "test":
        start_event_loop()
    try:
        raw = libvirt.open(uri)
    except libvirt.libvirtError as problem:
        raise _unreachable(uri, str(problem.get_error_message() or problem)) from problem
    LOG.tell("INFO", "host", "connected to %s", uri)
    if is_remote and scheme != "test":
        _keep_alive(raw)
    return raw


def _check(uri: str) -> tuple[str, str]:
    """Driver and transport; libvirt itself says of an unknown driver that it can't find a socket."""
    driver, _, transport = urlsplit(uri).scheme.partition("+")
    if driver not in _DRIVERS:
        raise UnreachableError.of(
            f"Cannot connect to the host {uri or '(no URI)'}",
            f'"{driver}" is no hypervisor driver of libvirt. Known are {", ".join(_DRIVERS)}. '
            "Write the URI as qemu:///system, qemu+ssh://USER@HOST/system, or, for a simulated host, "
            "test+file:host.xml.",
        )
    return driver, transport


def _keep_alive(raw: Any) -> None:
    try:
        raw.setKeepAlive(_KEEP_ALIVE_SECONDS, _KEEP_ALIVE_COUNT)
    except libvirt.libvirtError:
        return  # An old daemon: a dead link is then noticed by TCP alone.


def _unreachable(uri: str, message: str) -> DiagnosticError:
    advice = next((advice.text for advice in _ADVICE if re.search(advice.pattern, message)), "")
    reason = message.rstrip(".")
    return UnreachableError.of(f"Cannot connect to the host {uri}", f"libvirt says: {reason}. {advice}".rstrip())
