"""A session on a host by ssh: connected with patience, and closed when it is done with."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any

import paramiko

from kvmform.diagnostics import DiagnosticError
from kvmform.provision.keys import agent_keys, check_host_key, host_key_types, private_key
from kvmform.provision.login import Connection, Login, Proxy
from kvmform.provision.output import Output
from kvmform.provision.run import Call
from kvmform.struct import Struct, field

__all__ = ["CONNECTION_LOST", "Session", "opened_session"]

CONNECTION_LOST = -1
"""The exit status of a command whose connection ended before it did."""

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 4.0
_DIAL_SECONDS = 5.0
_HANDSHAKE_SECONDS = 15.0
_LOGIN_SECONDS = 30.0
_DEAD_SECONDS = 120
"""How long a connection may be without any answer before it counts as lost."""
_TICK = 0.2

_Link = socket.socket | paramiko.Channel

# What goes wrong here is told in diagnostics; the library would write it to standard error as well.
logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)


class Session(Struct, frozen=False):
    """One authenticated connection."""

    transport: paramiko.Transport
    call: Call
    agent: bool = False
    """Whether commands on the host may use the ssh-agent of this machine."""

    def run(self, command: str, output: Output, *, terminal: bool = False) -> int:
        """Run a command; its exit status, or CONNECTION_LOST.

        Args:
            command: for the user's shell on the host.
            output: takes what it prints, on both its outputs.
            terminal: whether it shall see a terminal.

        Raises:
            DiagnosticError: the user asked to stop.
        """
        with closing(self.transport.open_session(timeout=_LOGIN_SECONDS)) as channel:
            if terminal:
                channel.get_pty("xterm", 80, 40)
                # The handler is told of each that asks for the agent; it ends with the channel.
                _forwarding = paramiko.agent.AgentRequestHandler(channel) if self.agent else None
            channel.set_combine_stderr(combine=True)
            channel.settimeout(_TICK)
            channel.exec_command(command)
            while (data := self._received(channel)) != b"":
                output.feed(data or b"")
            output.feed(b"", is_last=True)
            return channel.recv_exit_status()

    def _received(self, channel: paramiko.Channel) -> bytes | None:
        """What a command printed; None where that is nothing yet, empty at its end."""
        self.check_stop()
        try:
            return channel.recv(65536)
        except TimeoutError:
            self.call.waiting("provisioning")
            # What it left running may keep its outputs open.
            return b"" if channel.exit_status_ready() else None

    def check_stop(self) -> None:
        """Raise if the user asked to stop.

        Raises:
            DiagnosticError: so it is.
        """
        if self.call.stop.is_set():
            raise _stopped()


@contextmanager
def opened_session(connection: Connection, call: Call) -> Iterator[Session]:
    """Connect, again and again until it works or the connection's timeout is over.

    Also a login that is refused is tried again: while a guest boots, its ssh server may be up
    before its users are there.

    Raises:
        DiagnosticError: it did not work in time, with what happened at each attempt; a key can't be
            used; the user asked to stop.
    """
    keys = {id(login): private_key(login) for login in (connection.target, connection.bastion) if login}
    call.line(f"Connecting to remote host via SSH...\n{connection.target.description()}")
    if connection.bastion:
        call.line(f"Using configured bastion host...\n{connection.bastion.description()}")
    with ExitStack() as stack:
        transport = _patiently(connection, call, lambda seconds: _connected(connection, keys, stack, seconds))
        call.line("Connected!")
        try:
            yield Session(transport, call, connection.target.agent)
        except (paramiko.SSHException, EOFError, OSError) as problem:
            detail = f"The connection to {connection.target} broke off: {_reason(problem)}."
            raise DiagnosticError.of("SSH connection lost", detail) from problem


def _patiently(
    connection: Connection, call: Call, attempt: Callable[[float], paramiko.Transport]
) -> paramiko.Transport:
    evidence = _Evidence()
    pause = _FIRST_PAUSE
    while True:
        left = connection.timeout - evidence.seconds
        try:
            return attempt(max(left, 1.0))
        except (OSError, EOFError, ValueError, paramiko.SSHException) as problem:
            evidence.note(_reason(problem))
        left = connection.timeout - evidence.seconds
        if left <= 0:
            detail = (
                f'{connection.target} could not be reached as user "{connection.target.user}" within the timeout of '
                f"the connection. {evidence}"
            )
            raise DiagnosticError.of("Timeout while waiting for SSH", detail)
        call.waiting(f"waiting for ssh on {connection.target}")
        if call.stop.wait(min(pause, left)):
            raise _stopped()
        pause = min(pause * 2, _LONGEST_PAUSE)


class _Evidence(Struct, frozen=False):
    """What came of the attempts to connect."""

    begun: float = field(default_factory=time.monotonic)
    attempts: int = 0
    reasons: list[tuple[float, str]] = field(default_factory=list)
    """When each thing was first seen that was in the way, as long as it was the same one."""

    @property
    def seconds(self) -> float:
        """Since the first attempt."""
        return time.monotonic() - self.begun

    def note(self, reason: str) -> None:
        """One more attempt failed."""
        self.attempts += 1
        if not self.reasons or self.reasons[-1][1] != reason:
            self.reasons.append((self.seconds, reason))

    def __str__(self) -> str:
        lines = [f"  from second {int(seconds)}: {reason}" for seconds, reason in self.reasons[-8:]]
        return "\n".join([f"Of {self.attempts} attempts came:\n", *lines])


def _stopped() -> DiagnosticError:
    return DiagnosticError.of("Provisioner stopped", "The provisioner was ended, since you asked to stop.")


def _reason(problem: BaseException) -> str:
    """What went wrong, in words."""
    if isinstance(problem, TimeoutError):
        return "no answer"
    text = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return (text[:1].lower() + text[1:]).rstrip(".") if text else "the server closed the connection"


def _connected(
    connection: Connection, keys: dict[int, paramiko.PKey | None], stack: ExitStack, seconds: float
) -> paramiko.Transport:
    """One attempt; what it opens is closed with the stack, or at once if it fails."""
    target, bastion = connection.target, connection.bastion
    with ExitStack() as opened:
        link: _Link = opened.enter_context(closing(_dialled(bastion or target, connection.proxy, seconds)))
        if bastion:
            way = _logged_in(link, bastion, keys[id(bastion)], opened)
            try:
                # What it says of the origin is of no account to any server.
                link = way.open_channel("direct-tcpip", (target.host, target.port), ("127.0.0.1", 0), timeout=seconds)
            except paramiko.ChannelException as problem:
                raise paramiko.SSHException(f"from the bastion {bastion}: {problem.text}") from problem
        transport = _logged_in(link, target, keys[id(target)], opened)
        stack.push(opened.pop_all())
        return transport


def _dialled(login: Login, proxy: Proxy | None, seconds: float) -> socket.socket:
    seconds = min(seconds, _DIAL_SECONDS)
    if proxy is None:
        link = socket.create_connection((login.host, login.port), seconds)
    else:
        link = _through(proxy, login, seconds)
    link.settimeout(None)
    # A guest that goes down says nothing; so the kernel tells.
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_SECONDS * 1000)
    return link


def _through(proxy: Proxy, login: Login, seconds: float) -> socket.socket:
    from python_socks import ProxyError, ProxyType
    from python_socks.sync import Proxy as Client

    kind = ProxyType.HTTP if proxy.scheme == "http" else ProxyType.SOCKS5
    client = Client(kind, proxy.host, proxy.port, proxy.user or None, proxy.password or None)
    try:
        return client.connect(login.host, login.port, timeout=seconds)
    except ProxyError as problem:
        raise OSError(f"from the proxy {proxy.host}:{proxy.port}: {problem}") from problem


def _logged_in(link: _Link, login: Login, key: paramiko.PKey | None, opened: ExitStack) -> paramiko.Transport:
    transport: Any = opened.enter_context(closing(paramiko.Transport(link)))
    transport.banner_timeout = transport.handshake_timeout = _HANDSHAKE_SECONDS
    transport.auth_timeout = _LOGIN_SECONDS
    if login.host_key:
        options = transport.get_security_options()
        options.key_types = host_key_types(login.host_key, options.key_types)
    transport.start_client(timeout=_HANDSHAKE_SECONDS)
    check_host_key(login, transport.get_remote_server_key())
    _authenticate(transport, login, key)
    transport.set_keepalive(15)
    found: paramiko.Transport = transport
    return found


def _authenticate(transport: paramiko.Transport, login: Login, key: paramiko.PKey | None) -> None:
    """Show the server what there is, until it is content.

    Raises:
        paramiko.AuthenticationException: it is not, with what was tried.
    """
    taken = _taken(transport, login)
    if transport.is_authenticated():
        return
    tried: list[str] = []
    if "publickey" in taken and key is not None:
        tried.append("the private key")
        _try(transport, partial(transport.auth_publickey, login.user, key))
    if taken & {"password", "keyboard-interactive"} and login.password and not transport.is_authenticated():
        tried.append("the password")
        _try(transport, partial(transport.auth_password, login.user, login.password))
    if "publickey" in taken and not transport.is_authenticated():
        with agent_keys(login) as keys:
            for each in keys:
                tried.append(f"the agent's key {each.comment}".rstrip())
                _try(transport, partial(transport.auth_publickey, login.user, each))
    if not transport.is_authenticated():
        offered = ", ".join(tried) or "nothing that it takes"
        words = f'{login} refused "{login.user}": it takes {", ".join(sorted(taken))}, and was given {offered}'
        raise paramiko.AuthenticationException(words)


def _taken(transport: paramiko.Transport, login: Login) -> set[str]:
    """The ways to log in that a server offers; asking for none lets one in where none is needed."""
    try:
        transport.auth_none(login.user)
    except paramiko.BadAuthenticationType as problem:
        return set(problem.allowed_types)
    return set()


def _try(transport: paramiko.Transport, attempt: Callable[[], object]) -> None:
    if transport.is_authenticated():
        return
    try:
        attempt()
    except paramiko.AuthenticationException:
        # The next one may do.
        return
