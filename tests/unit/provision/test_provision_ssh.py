"""Connecting to a real OpenSSH: every way to log in, through others, and when it does not work."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
from provision_bench import ProvisionBench, connection_to
from sshd import PASSWORD, Sshd, free_port, make_key
from waiting import wait_until


@pytest.fixture
def bench(tmp_path: Path) -> ProvisionBench:
    return ProvisionBench(tmp_path)


def log_in(bench: ProvisionBench, server: Sshd, **arguments: object) -> list[str]:
    """What `id -un` prints for a login."""
    bench.run("remote-exec", connection_to(server, **arguments), inline=["id -un"])
    return bench.printed


def refused(bench: ProvisionBench, server: Sshd, **arguments: object) -> str:
    """What is said of a login that doesn't work within a second."""
    found = bench.fails("remote-exec", connection_to(server, timeout="1s", **arguments), inline=["id -un"])
    return found.detail


# Keys.


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("ed25519", ""),
        ("rsa", ""),
        ("rsa", "PEM"),
        ("rsa", "PKCS8"),
        ("ecdsa", ""),
        ("ecdsa", "PEM"),
        ("ecdsa", "PKCS8"),
    ],
)
def test_keys_of_every_type_and_form(bench: ProvisionBench, sshd: Sshd, kind: str, form: str) -> None:
    key = make_key(bench.directory / "k", kind, form=form)
    sshd.authorize(key.with_suffix(".pub").read_text())
    assert log_in(bench, sshd, private_key=key.read_text()) == ["root"]


def test_a_key_with_a_passphrase_is_told_at_once(bench: ProvisionBench, sshd: Sshd) -> None:
    for kind, form in (("ed25519", ""), ("ecdsa", "PEM"), ("ecdsa", "PKCS8")):
        key = make_key(bench.directory / f"k{form}", kind, passphrase="secret", form=form)
        found = bench.fails("remote-exec", connection_to(sshd, private_key=key.read_text()), inline=["id"])
        assert found.summary == "Private key needs a passphrase"
        assert "ssh-agent" in found.detail
    assert bench.lines == []


@pytest.mark.parametrize("text", ["~/.ssh/id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "ssh-ed25519 AAAA"])
def test_what_is_no_private_key_is_told_at_once(bench: ProvisionBench, sshd: Sshd, text: str) -> None:
    found = bench.fails("remote-exec", connection_to(sshd, private_key=text), inline=["id"])
    assert found.summary == "Invalid private key"
    assert 'file(pathexpand("~/.ssh/id_ed25519"))' in found.detail


def test_a_certificate(bench: ProvisionBench, tmp_path: Path, sshd: Sshd) -> None:
    authority = make_key(bench.directory / "authority")
    key = make_key(bench.directory / "k")
    words = ["ssh-keygen", "-q", "-s", authority, "-I", "test", "-n", "root", key.with_suffix(".pub")]
    subprocess.run(words, check=True)
    certificate = (bench.directory / "k-cert.pub").read_text()
    del sshd  # only for its reasons to be skipped
    with Sshd(tmp_path / "s", (f"TrustedUserCAKeys {authority}.pub",)) as server:
        assert log_in(bench, server, private_key=key.read_text(), certificate=certificate) == ["root"]
        assert "takes" in refused(bench, server, private_key=key.read_text())


# The agent.


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An ssh-agent with eight keys, more than a server has patience for; the sixth is a path that is returned."""
    path = tmp_path / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL) as process:
        assert wait_until(path.exists, 10)
        monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
        keys = [make_key(tmp_path / f"key{number}") for number in range(8)]
        for key in keys:
            subprocess.run(["ssh-add", "-q", key], check=True)
        yield keys[6]
        process.terminate()


@pytest.mark.parametrize("identity", ["key6@test", "{}", "{}.pub", "6@test"])
def test_the_agents_key_that_is_named_goes_first(bench: ProvisionBench, sshd: Sshd, agent: Path, identity: str) -> None:
    sshd.authorize(agent.with_suffix(".pub").read_text())
    assert log_in(bench, sshd, agent=True, agent_identity=identity.format(agent)) == ["root"]


def test_an_agent_is_asked_by_default_and_not_where_that_is_not_wanted(
    bench: ProvisionBench, sshd: Sshd, agent: Path
) -> None:
    subprocess.run(["ssh-add", "-q", "-D"], check=True)
    subprocess.run(["ssh-add", "-q", agent], check=True)
    sshd.authorize(agent.with_suffix(".pub").read_text())
    assert log_in(bench, sshd, agent=None) == ["root"]
    assert "was given nothing that it takes" in refused(bench, sshd, agent=False)


# Passwords and host keys.


def test_a_password(bench: ProvisionBench, sshd: Sshd) -> None:
    assert log_in(bench, sshd, password=PASSWORD) == ["root"]
    assert PASSWORD not in "\n".join(bench.lines)


def test_an_empty_text_is_as_good_as_none(bench: ProvisionBench, sshd: Sshd) -> None:
    names = ("type", "user", "private_key", "certificate", "host_key", "bastion_host", "proxy_host", "script_path")
    more = ("target_platform", "agent_identity", "bastion_user", "proxy_scheme")
    assert log_in(bench, sshd, password=PASSWORD, **dict.fromkeys((*names, *more), "")) == ["root"]


def test_a_key_that_is_not_let_in_leaves_the_password(bench: ProvisionBench, sshd: Sshd, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other")
    assert log_in(bench, sshd, private_key=other.read_text(), password=PASSWORD) == ["root"]


def test_a_refused_login_says_what_was_tried_and_what_is_taken(
    bench: ProvisionBench, sshd: Sshd, tmp_path: Path
) -> None:
    other = make_key(tmp_path / "other").read_text()
    text = refused(bench, sshd, private_key=other, password="wrong")
    assert f'127.0.0.1:{sshd.port} refused "root": it takes ' in text
    assert "password, publickey, and was given the private key, the password" in text
    assert "wrong" not in text


def test_the_host_key_is_checked_where_it_is_given(
    bench: ProvisionBench, sshd: Sshd, key: Path, tmp_path: Path
) -> None:
    private = key.read_text()
    assert log_in(bench, sshd, private_key=private, host_key=sshd.host_key) == ["root"]
    other = make_key(tmp_path / "other").with_suffix(".pub").read_text()
    assert "the host has another key than host_key says" in refused(bench, sshd, private_key=private, host_key=other)


def test_of_several_host_keys_the_server_shows_the_one_that_is_given(
    bench: ProvisionBench, sshd: Sshd, key: Path, tmp_path: Path
) -> None:
    del sshd
    server = Sshd(tmp_path / "s", (f"HostKey {tmp_path}/rsa",))
    rsa = make_key(tmp_path / "rsa", "rsa").with_suffix(".pub").read_text()
    with server:
        server.authorize(key.with_suffix(".pub").read_text())
        for host_key in (rsa, server.host_key):
            assert log_in(bench, server, private_key=key.read_text(), host_key=host_key) == ["root"]


# On the way there.


def test_a_bastion(bench: ProvisionBench, sshd: Sshd, key: Path, tmp_path: Path) -> None:
    with Sshd(tmp_path / "inner") as inner:
        inner.authorize(make_key(tmp_path / "other").with_suffix(".pub").read_text())
        way = {
            "bastion_host": "127.0.0.1",
            "bastion_port": sshd.port,
            "bastion_private_key": key.read_text(),
            "bastion_host_key": sshd.host_key,
        }
        private = (tmp_path / "other").read_text()
        assert log_in(bench, inner, private_key=private, host_key=inner.host_key, **way) == ["root"]
        assert "Using configured bastion host...\n  Host: 127.0.0.1" in bench.lines[1]
        assert "Accepted publickey for root from 127.0.0.1 port" in inner.log
        text = refused(bench, inner, private_key=private, **{**way, "bastion_private_key": private})
        assert f"127.0.0.1:{sshd.port} refused" in text


def test_a_bastion_from_which_the_host_is_not_to_be_reached(bench: ProvisionBench, sshd: Sshd) -> None:
    way = {"bastion_host": "127.0.0.1", "bastion_port": sshd.port, "bastion_password": PASSWORD}
    found = bench.fails(
        "remote-exec", {"host": "127.0.0.1", "port": free_port(), "timeout": "1s", **way}, inline=["id"]
    )
    assert f"from the bastion 127.0.0.1:{sshd.port}: Connect failed" in found.detail


class Proxy:
    """An HTTP or SOCKS 5 proxy, which lets through whose request is as it should be. A context manager."""

    def __init__(self, wanted: str) -> None:
        self.requests: list[bytes] = []
        self._wanted = wanted
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):  # it is closed
            while True:
                link, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(link,), daemon=True).start()

    def _connect(self, inside: socket.socket) -> None:
        with inside, suppress(OSError):  # the other end is gone
            self.requests.append(inside.recv(4096))
            if self.requests[-1].startswith(b"\x05"):
                self._socks(inside)
                return
            host, port = self.requests[-1].split()[1].decode().split(":")
            if self._wanted not in self.requests[-1].decode():
                inside.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
            self._through(inside, host, int(port), b"HTTP/1.1 200 OK\r\n\r\n")

    def _socks(self, inside: socket.socket) -> None:
        inside.sendall(b"\x05\x00")  # nobody need say who he is
        request = inside.recv(4096)
        assert request[:4] == b"\x05\x01\x00\x01"  # connect, to an IPv4 address
        host, port = socket.inet_ntoa(request[4:8]), int.from_bytes(request[8:10], "big")
        self._through(inside, host, port, b"\x05\x00\x00\x01" + bytes(6))

    def _through(self, inside: socket.socket, host: str, port: int, answer: bytes) -> None:
        with socket.create_connection((host, port)) as outside:
            inside.sendall(answer)
            back = threading.Thread(target=self._pump, args=(outside, inside))
            back.start()
            self._pump(inside, outside)
            back.join()

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def test_an_http_proxy(bench: ProvisionBench, sshd: Sshd) -> None:
    with Proxy("Basic bWU6Zm9v") as proxy:
        way = {"proxy_host": "127.0.0.1", "proxy_port": proxy.port}
        way |= {"proxy_user_name": "me", "proxy_user_password": "foo"}
        assert log_in(bench, sshd, password=PASSWORD, **way) == ["root"]
    assert proxy.requests[0].startswith(f"CONNECT 127.0.0.1:{sshd.port} ".encode())


def test_a_socks_proxy(bench: ProvisionBench, sshd: Sshd) -> None:
    with Proxy("") as proxy:
        way = {"proxy_scheme": "socks5", "proxy_host": "127.0.0.1", "proxy_port": proxy.port}
        assert log_in(bench, sshd, password=PASSWORD, **way) == ["root"]
    assert len(proxy.requests) == 1


def test_a_proxy_that_lets_nobody_through(bench: ProvisionBench, sshd: Sshd) -> None:
    with Proxy("Basic nobody") as proxy:
        text = refused(bench, sshd, password=PASSWORD, proxy_host="127.0.0.1", proxy_port=proxy.port)
    assert f"from the proxy 127.0.0.1:{proxy.port}: 407 Proxy Authentication Required" in text


# Patience.


def test_a_server_that_comes_up_late_is_waited_for(
    bench: ProvisionBench, sshd: Sshd, key: Path, tmp_path: Path
) -> None:
    del sshd
    late = Sshd(tmp_path / "late")
    late.prepare()
    late.authorize(key.with_suffix(".pub").read_text())

    def start() -> None:
        wait_until(lambda: len(bench.waits) >= 2, 10)
        late.__enter__()

    starter = threading.Thread(target=start)
    starter.start()
    try:
        assert log_in(bench, late, private_key=key.read_text()) == ["root"]
    finally:
        starter.join()
        late.__exit__()
    assert bench.waits[0] == f"waiting for ssh on 127.0.0.1:{late.port}"


def test_a_user_who_comes_late_is_waited_for(bench: ProvisionBench, sshd: Sshd, tmp_path: Path) -> None:
    """While a guest boots its server may be up before cloud-init has put the key there."""
    late = make_key(tmp_path / "late")

    def authorize() -> None:
        wait_until(lambda: bench.waits, 10)
        sshd.authorize(late.with_suffix(".pub").read_text())

    other = threading.Thread(target=authorize)
    other.start()
    assert log_in(bench, sshd, private_key=late.read_text()) == ["root"]
    other.join()


def test_a_timeout_comes_with_evidence(bench: ProvisionBench, tmp_path: Path) -> None:
    del tmp_path
    port = free_port()
    begun = time.monotonic()
    found = bench.fails("remote-exec", {"host": "127.0.0.1", "port": port, "timeout": "1500ms"}, inline=["id"])
    assert 1.4 < time.monotonic() - begun < 8
    assert found.summary == "Timeout while waiting for SSH"
    assert f'127.0.0.1:{port} could not be reached as user "root" within the timeout' in found.detail
    assert "from second 0: connection refused" in found.detail


def test_what_is_no_ssh_server_is_told(bench: ProvisionBench, tmp_path: Path) -> None:
    del tmp_path
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with suppress(OSError):  # the test is over
                while True:
                    with listener.accept()[0] as link:
                        link.sendall(b"220 mail\r\n")

        threading.Thread(target=answer, daemon=True).start()
        port = listener.getsockname()[1]
        found = bench.fails("remote-exec", {"host": "127.0.0.1", "port": port, "timeout": "100ms"}, inline=["id"])
    assert "SSH protocol banner" in found.detail


def test_a_name_that_is_none_is_told(bench: ProvisionBench) -> None:
    found = bench.fails("remote-exec", {"host": "no.such.invalid", "timeout": "100ms"}, inline=["id"])
    assert "ame" in found.detail


def test_waiting_ends_when_it_is_stopped(bench: ProvisionBench) -> None:
    other = threading.Thread(target=lambda: wait_until(lambda: bench.waits, 10) and bench.stop.set())
    other.start()
    begun = time.monotonic()
    found = bench.fails("remote-exec", {"host": "127.0.0.1", "port": free_port(), "timeout": "60s"}, inline=["id"])
    other.join()
    assert found.summary == "Provisioner stopped"
    assert time.monotonic() - begun < 20


def test_scripts_on_the_host_can_use_the_agent(bench: ProvisionBench, sshd: Sshd, agent: Path) -> None:
    """Private repositories are cloned that way."""
    arguments = connection_to(sshd, password=PASSWORD, agent=True)
    bench.run("remote-exec", arguments, inline=["ssh-add -l", "ssh-add -L | grep -c ed25519"])
    assert any(agent.name in line for line in bench.printed)
    assert bench.printed[-1] == "8"
    bench.fails("remote-exec", {**arguments, "agent": False}, inline=["ssh-add -l"])


def test_nothing_of_the_agent_stays_open(bench: ProvisionBench, sshd: Sshd, agent: Path) -> None:
    subprocess.run(["ssh-add", "-q", "-D"], check=True)
    subprocess.run(["ssh-add", "-q", agent], check=True)
    sshd.authorize(agent.with_suffix(".pub").read_text())
    log_in(bench, sshd, agent=True)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        bench.lines.clear()
        log_in(bench, sshd, agent=True)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
