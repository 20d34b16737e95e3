"""Waiting for a guest: what is refused, what each probe takes for true, and what the plan promises."""

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest
from domain_bench import DomainBench
from type_bench import complete

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network
from kvmform.resources.domain.readiness import conditions, probes
from kvmform.resources.domain.readiness.conditions import Guest, conditions_of, watches_console
from kvmform.resources.domain.readiness.probes import at_any, probe_cloud_init, probe_http, probe_ssh, probe_tcp
from kvmform.resources.domain.readiness.ready import promised
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.values.model import UNKNOWN, Unknown

HERE = "127.0.0.1"


def domain(*waits, **more):
    return complete(DOMAIN, {"name": "web", "wait_for": list(waits), **more})


@pytest.mark.parametrize(
    ("wait", "path", "summary"),
    [
        ({"type": "ping"}, ("type",), "Invalid Attribute Value Match"),
        ({"type": "tcp"}, (), "Missing argument"),
        ({"type": "console"}, (), "Missing argument"),
        ({"type": "tcp", "port": 70000}, ("port",), "Invalid Attribute Value"),
        ({"type": "agent", "port": 22}, ("port",), "Argument without a meaning"),
        ({"type": "ssh", "path": "/"}, ("path",), "Argument without a meaning"),
        ({"type": "console", "pattern": "("}, ("pattern",), "Invalid regular expression"),
        ({"type": "agent", "timeout": "soon"}, ("timeout",), "Invalid duration"),
    ],
)
def test_what_can_never_be_waited_for_is_told_by_validate(wait, path, summary):
    found = [problem for rule in DOMAIN.schema.rules for problem in rule(domain(wait))]
    assert [(problem.path[2:], problem.diagnostic.summary) for problem in found] == [(path, summary)]


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    network = "<network><name>lab</name><bridge name='lab'/><ip address='10.9.1.1' prefix='24'/></network>"
    start_network(host, define_network(host, network))
    yield DomainBench(host, tmp_path)
    host.close()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"wait_for": [{"type": "console", "pattern": "x"}]}, ["No console to watch"]),
        (
            {
                "wait_for": [{"type": "console", "pattern": "x"}],
                "console": [{"type": "tcp", "target_port": "0"}],
            },
            ["No console to watch"],
        ),
        ({"wait_for": [{"type": "console", "pattern": "x"}], "console": [{"type": "pty", "target_port": "0"}]}, []),
        ({"wait_for": [{"type": "console", "pattern": "x"}], "serial": [{"type": "pty"}]}, []),
        ({"wait_for": [{"type": "agent"}], "guest_agent_channel": False}, ["No channel to the guest agent"]),
        ({"wait_for": [{"type": "ssh"}], "network_interface": [{}]}, ["No address to wait for"]),
        ({"wait_for": [{"type": "ssh", "address": "10.0.0.9"}], "network_interface": [{}]}, []),
        ({"wait_for": [{"type": "ssh"}, {"type": "agent"}], "network_interface": [{"network_name": "lab"}]}, []),
    ],
)
def test_a_wait_that_cannot_end_is_told_by_the_plan(bench, written, expected):
    found = bench.check(DOMAIN, {"name": "web", **written})
    assert [problem.diagnostic.summary for problem in found] == expected


def test_nobody_waits_on_a_simulated_host(bench):
    made = bench.make({"name": "web", "wait_for": [{"type": "tcp", "port": 1}], "network_interface": [{}]})
    assert made["ready"] is True


@pytest.mark.parametrize("name", ["type", "port", "pattern", "address", "timeout"])
def test_what_is_not_known_yet_is_no_problem(bench, name):
    wait = {"type": "console" if name == "pattern" else "tcp", "port": 22, "pattern": "x"}
    wait |= {"pattern": None} if wait["type"] == "tcp" else {"port": None}
    written = {"name": "web", "wait_for": [{**wait, name: UNKNOWN}], "console": [{"type": "pty", "target_port": "0"}]}
    written["network_interface"] = [{"network_name": "lab"}]
    assert [problem for rule in DOMAIN.schema.rules for problem in rule(complete(DOMAIN, written))] == []
    assert bench.check(DOMAIN, written) == []


def test_whether_it_is_ready_is_not_known_before_it_is_known_what_is_waited_for():
    for name in ("wait_for", "running"):
        assert isinstance(promised({**domain({"type": "agent"}), name: UNKNOWN}, None), Unknown)


@contextmanager
def listening(answer=None):
    """A server that says this to whoever connects; with None it accepts, and says nothing."""
    with socket.create_server((HERE, 0)) as server:
        held = []

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                held.append(connection)
                if answer is not None:
                    connection.sendall(answer)
                    connection.close()

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        serving.join(5)  # what it has accepted by then is held, and closed
        for connection in held:
            connection.close()


def closed_port():
    with socket.create_server((HERE, 0)) as server:
        return server.getsockname()[1]


def test_a_port_is_open_or_not():
    with listening() as port:
        assert probe_tcp(HERE, port) == ""
    port = closed_port()
    assert probe_tcp(HERE, port) == f"port {port}: connection refused"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", None),
        (b"hello\r\nSSH-2.0-dropbear\r\n", None),
        (b"220 mail\r\n", "does not speak ssh"),
        (None, "nobody says anything"),
    ],
)
def test_ssh_is_known_by_its_banner(answer, reason, monkeypatch):
    monkeypatch.setattr(probes, "_ANSWER_SECONDS", 0.2)
    with listening(answer) as port:
        found = probe_ssh(HERE, port)
    assert found == "" if reason is None else reason in found


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_page_is_served_or_not():
    with HTTPServer((HERE, 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_port
        assert probe_http(HERE, port, "/health") == ""
        assert probe_http(HERE, port, "/") == f"/ on port {port} is answered with 404 Not Found"
        server.shutdown()
    with listening(b"SSH-2.0-x\r\n") as port:
        assert probe_http(HERE, port, "/") == f"what listens on port {port} does not speak HTTP"
    port = closed_port()
    assert probe_http(HERE, port, "/") == f"port {port}: connection refused"


def test_any_address_will_do():
    assert at_any(["a", "b"], {"a": "closed", "b": ""}.get) == ""
    assert at_any(["a", "b"], {"a": "closed", "b": "shut"}.get) == "a: closed; b: shut"
    assert at_any([], str) == "no address of the guest is known yet"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("status: done\ntime: now\n", ""),
        ("status: degraded done\n", ""),
        ("status: running\n", "its status is running"),
        ("status: disabled\n", "its status is disabled"),
        ("", "its status is not told"),
    ],
)
def test_cloud_init_tells_how_far_it_is(monkeypatch, said, reason):
    monkeypatch.setattr(probes, "run_in_guest", lambda *_: (0, said))
    assert probe_cloud_init(None, "uuid") == reason


def test_cloud_init_that_failed_is_not_waited_for_any_longer(monkeypatch):
    monkeypatch.setattr(probes, "run_in_guest", lambda *_: (1, "status: error\ndetail: no such module\n"))
    with pytest.raises(DiagnosticError) as caught:
        probe_cloud_init(None, "uuid")
    assert "no such module" in caught.value.diagnostics[0].detail


def test_without_an_agent_cloud_init_is_done_when_the_console_says_so(monkeypatch):
    monkeypatch.setattr(conditions, "probe_cloud_init", lambda *_: "no agent")
    console = SimpleNamespace(text="...", reason="")
    planned = domain({"type": "cloud_init"}, console=[{"type": "pty"}])
    assert watches_console(planned)
    (condition,) = conditions_of(planned, Guest(None, "uuid", console, list), 60)
    assert condition.probe() == "no agent"
    console.text = "[  10.1] cloud-init[4]: Cloud-init v. 22.4.2 finished at Sat, 28 Nov 2026\n"
    assert condition.probe() == ""


def test_each_wait_has_its_words_and_its_time():
    waits = [
        {"type": "ssh", "timeout": "2m"},
        {"type": "tcp", "port": 25},
        {"type": "http", "path": "/up", "port": 8080},
        {"type": "console", "pattern": "login:"},
        {"type": "cloud_init"},
    ]
    found = conditions_of(domain(*waits), Guest(None, "uuid", None, list), 60)
    assert [(condition.words, condition.timeout) for condition in found] == [
        ("ssh on port 22", 120),
        ("tcp port 25", 60),
        ("http /up on port 8080", 60),
        ("console login:", 60),
        ("cloud-init", 60),
    ]


OFF = {"running": False, "paused": False, "ready": None}
UP = {**OFF, "running": True}


@pytest.mark.parametrize(
    ("waits", "running", "observed", "expected"),
    [
        ([], True, None, None),
        ([{"type": "agent"}], True, None, True),
        ([{"type": "agent"}], False, None, None),
        ([{"type": "agent"}], True, OFF, True),
        ([{"type": "agent"}], True, UP, None),
        ([{"type": "agent"}], True, {**UP, "paused": True}, True),
        ([{"type": "agent"}], True, {**UP, "ready": True}, True),
        ([{"type": "agent"}], True, {**UP, "ready": False}, True),
        ([], True, {**UP, "ready": False}, None),
        ([], True, {**UP, "ready": True}, None),
        ([{"type": "agent"}], False, {**UP, "ready": False}, None),
    ],
)
def test_a_plan_promises_what_will_be_waited_for(waits, running, observed, expected):
    assert promised(domain(*waits, running=running), observed) is expected
