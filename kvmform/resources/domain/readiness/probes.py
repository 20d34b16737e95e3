"""Looking once whether something has come true: by the network, by the agent.

A probe gives an empty text if so, else the reason why not, in a few words.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable

from kvmform.diagnostics import DiagnosticError
from kvmform.host.agent import ask_agent, run_in_guest
from kvmform.host.errors import HostError
from kvmform.host.host import Host

__all__ = ["CLOUD_INIT_DONE", "at_any", "probe_agent", "probe_cloud_init", "probe_http", "probe_ssh", "probe_tcp"]

_CONNECT_SECONDS = 3
_ANSWER_SECONDS = 5
_BANNER_BYTES = 4096

CLOUD_INIT_DONE = r"Cloud-init v\. \S+ finished at "
"""What cloud-init prints on the console at its end."""


def at_any(addresses: Iterable[str], probe: Callable[[str], str]) -> str:
    """Probe each address, until one of them is right."""
    reasons = []
    for address in addresses:
        reason = probe(address)
        if not reason:
            return ""
        reasons.append(f"{address}: {reason}")
    return "; ".join(reasons) or "no address of the guest is known yet"


def probe_tcp(address: str, port: int) -> str:
    """Whether a connection is accepted."""
    try:
        socket.create_connection((address, port), _CONNECT_SECONDS).close()
    except OSError as problem:
        return _words(problem, port)
    return ""


def probe_ssh(address: str, port: int) -> str:
    """Whether a server says that it is one of ssh's; nobody logs in. Source: RFC 4253, 4.2."""
    try:
        with socket.create_connection((address, port), _CONNECT_SECONDS) as connection:
            connection.settimeout(_ANSWER_SECONDS)
            said = b""
            while not any(line.startswith(b"SSH-") for line in said.split(b"\n")):
                more = connection.recv(_BANNER_BYTES)
                said += more
                if not more or len(said) > _BANNER_BYTES:
                    return f"what listens on port {port} does not speak ssh"
    except TimeoutError:
        return f"nobody says anything on port {port}"
    except OSError as problem:
        return _words(problem, port)
    return ""


def probe_http(address: str, port: int, path: str) -> str:
    """Whether a page is served, with a status below 400."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(address, port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
    except HTTPException:
        return f"what listens on port {port} does not speak HTTP"
    except OSError as problem:
        return _words(problem, port)
    finally:
        connection.close()
    return f"{path} on port {port} is answered with {answer.status} {answer.reason}" if answer.status >= 400 else ""


def _words(problem: OSError, port: int) -> str:
    reason = "no answer" if isinstance(problem, TimeoutError) else (problem.strerror or str(problem)).lower()
    return f"port {port}: {reason}"


def probe_agent(host: Host, domain: str) -> str:
    """Whether the guest agent answers."""
    try:
        ask_agent(host, domain, "guest-ping")
    except HostError as problem:
        return problem.diagnostics[0].detail
    return ""


def probe_cloud_init(host: Host, domain: str) -> str:
    """Whether `cloud-init status` says, in the guest, that it is done.

    Raises:
        DiagnosticError: it says that cloud-init failed.
    """
    try:
        _, said = run_in_guest(host, domain, "cloud-init", ["status", "--long"])
    except HostError as problem:
        return problem.diagnostics[0].detail
    status = next((line.partition(":")[2].strip() for line in said.splitlines() if line.startswith("status:")), said)
    if status == "error":
        raise DiagnosticError.of("cloud-init failed", said.strip())
    # "degraded done": it is done, and warns of something.
    return "" if status.endswith("done") else f"its status is {status or 'not told'}"
