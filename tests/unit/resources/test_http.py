"""The data source `http`: a web server on the loopback device is asked."""

import base64
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from command_line import CommandLine


class Server(ThreadingHTTPServer):
    """Answers by path, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.failures = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that doesn't believe us hangs up."""

    @property
    def url(self) -> str:
        scheme = "https" if isinstance(self.socket, ssl.SSLSocket) else "http"
        return f"{scheme}://localhost:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(
            (self.command, self.path, {name.title(): value for name, value in self.headers.items()}, body)
        )
        status, content = 200, "grüß dich".encode()
        match self.path:
            case "/missing":
                status, content = 404, b"not here"
            case "/broken":
                status = 500
            case "/unwilling":
                status = 501
            case "/slow":
                time.sleep(0.5)
            case "/binary":
                content = b"\0\xff"
            case "/passing" if self.server.failures:
                self.server.failures -= 1
                status = 503
            case "/moved" | "/kept" | "/away":
                self.send_response(307 if self.path == "/kept" else 302)
                away = f"http://127.0.0.1:{self.server.server_port}" if self.path == "/away" else ""
                self.send_header("Location", f"{away}/x")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
        self.send_response(status)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("X-Twice", "a")
        self.send_header("x-twice", "b")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_HEAD = _answer  # noqa: N815 - the library's names

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of localhost, with its key, as openssl makes it."""
    path = tmp_path_factory.mktemp("certificate") / "server.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    name = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", str(path.with_suffix(".crt"))]
    subprocess.run(["openssl", *words.split(), *name], capture_output=True, check=True)
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


@pytest.fixture
def secure(server: Server, certificate: Path) -> Server:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return server


def asking(here: CommandLine, url: str, arguments: str = "") -> CommandLine:
    text = f'data "http" "h" {{\n  url = "{url}"\n  {arguments}\n}}\noutput "h" {{ value = data.http.h }}\n'
    return here.write(text)


def failing(here: CommandLine, url: str, arguments: str = "") -> str:
    return " ".join(asking(here, url, arguments).run("plan", code=1).replace("│", "").split())


def test_the_answer_is_told_in_all_its_forms(here: CommandLine, server: Server) -> None:
    url = f"{server.url}/here"
    asking(here, url, 'request_headers = { Accept = "text/plain", X-Mine = 1 }').run("apply", "-auto-approve")
    found = here.outputs()["h"]
    assert (found["id"], found["status_code"]) == (url, 200)
    assert found["response_body"] == found["body"] == "grüß dich"
    assert base64.b64decode(found["response_body_base64"]).decode() == "grüß dich"
    headers = found["response_headers"]
    assert (headers["Content-Type"], headers["X-Twice"]) == ("text/plain; charset=utf-8", "a, b")
    ((command, path, sent, body),) = server.asked
    assert (command, path, body) == ("GET", "/here", b"")
    assert (sent["Accept"], sent["X-Mine"], sent["User-Agent"]) == ("text/plain", "1", "kvmform")


def test_a_body_is_sent_as_it_is(here: CommandLine, server: Server) -> None:
    asking(here, f"{server.url}/x", 'method = "POST"\nrequest_body = "{}é"').run("plan", "-out=p")
    ((command, _, sent, body),) = server.asked
    assert (command, body.decode()) == ("POST", "{}é")
    assert "Content-Type" not in sent


def test_only_the_headers_may_be_asked_for(here: CommandLine, server: Server) -> None:
    asking(here, f"{server.url}/x", 'method = "HEAD"').run("apply", "-auto-approve")
    assert (server.asked[0][0], here.outputs()["h"]["response_body"]) == ("HEAD", "")


@pytest.mark.parametrize(("path", "status"), [("/missing", 404), ("/unwilling", 501)])
def test_a_refusal_is_an_answer(here: CommandLine, server: Server, path: str, status: int) -> None:
    asking(here, server.url + path).run("apply", "-auto-approve")
    assert here.outputs()["h"]["status_code"] == status


@pytest.mark.parametrize(
    ("path", "method", "then"),
    [("/moved", "GET", "GET"), ("/moved", "HEAD", "HEAD"), ("/moved", "POST", "GET"), ("/kept", "POST", "POST")],
)
def test_another_place_is_gone_to(here: CommandLine, server: Server, path: str, method: str, then: str) -> None:
    body = 'request_body = "again"' if method == "POST" else ""
    asking(here, f"{server.url}{path}", f'method = "{method}"\n{body}').run("apply", "-auto-approve")
    found = here.outputs()["h"]
    assert (found["id"], found["status_code"]) == (f"{server.url}{path}", 200)
    sent = b"again" if method == "POST" else b""
    assert [(word, at, content) for word, at, _, content in server.asked] == [
        (method, path, sent),
        (then, "/x", sent if then == "POST" else b""),
    ]


def test_secrets_are_not_told_to_another_server(here: CommandLine, server: Server) -> None:
    headers = 'request_headers = { Authorization = "Bearer x", X-Mine = "y" }'
    asking(here, f"{server.url}/away", headers).run("plan")
    asking(here, f"{server.url}/moved", headers).run("plan")
    told = [(sent["X-Mine"], sent.get("Authorization")) for _, _, sent, _ in server.asked]
    assert told == [("y", "Bearer x"), ("y", None), ("y", "Bearer x"), ("y", "Bearer x")]


def test_what_is_no_text_is_there_in_base64(here: CommandLine, server: Server) -> None:
    asking(here, f"{server.url}/binary").run("apply", "-auto-approve")
    found = here.outputs()["h"]
    assert base64.b64decode(found["response_body_base64"]) == b"\0\xff"
    assert found["response_body"] == "\0\N{REPLACEMENT CHARACTER}"


def test_a_server_in_trouble_is_an_error(here: CommandLine, server: Server) -> None:
    assert "unexpected HTTP status 500" in failing(here, f"{server.url}/broken")
    assert len(server.asked) == 1


def test_it_is_asked_again_as_often_as_is_wanted(here: CommandLine, server: Server) -> None:
    retry = "retry {\n attempts = 2\n min_delay_ms = 10\n max_delay_ms = 20\n}"
    server.failures = 2
    asking(here, f"{server.url}/passing", retry).run("apply", "-auto-approve")
    assert (len(server.asked), here.outputs()["h"]["status_code"]) == (3, 200)
    server.failures = 9
    assert "unexpected HTTP status 503 (3 attempts)" in failing(here, f"{server.url}/passing", retry)


def test_it_need_not_wait_for_ever(here: CommandLine, server: Server) -> None:
    output = failing(here, f"{server.url}/slow", "request_timeout_ms = 100")
    assert "request exceeded the specified timeout of 100 ms" in output


def test_a_server_that_is_not_there_is_told(here: CommandLine, server: Server) -> None:
    url = server.url
    server.server_close()
    output = failing(here, url)
    assert "Connection refused" in output
    assert "with data.http.h" in output


def test_a_certificate_is_looked_at(here: CommandLine, secure: Server, certificate: Path) -> None:
    assert "certificate verify failed" in failing(here, secure.url)
    asking(here, secure.url, f'ca_cert_pem = file("{certificate.with_suffix(".crt")}")').run("plan")
    asking(here, secure.url, "insecure = true").run("plan")
    assert "The authority's certificates must be in PEM form" in failing(here, secure.url, 'ca_cert_pem = "no"')


def test_a_certificate_is_shown(here: CommandLine, server: Server, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.load_verify_locations(certificate.with_suffix(".crt"))
    context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True)
    pair = f'client_cert_pem = file("{certificate.with_suffix(".crt")}")\nclient_key_pem = file("{certificate}")'
    failing(here, server.url, "insecure = true")
    asking(here, server.url, f"insecure = true\n{pair}").run("apply", "-auto-approve")
    assert here.outputs()["h"]["status_code"] == 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ('url = "file:///etc/passwd"', "must begin with http:// or https://"),
        ('url = "http://x"\nmethod = "PUT"', 'value must be one of: "GET", "POST", "HEAD"; got: "PUT"'),
        ('url = "http://x"\nrequest_timeout_ms = 0', "value must be at least 1, got: 0"),
        ('url = "http://x"\nca_cert_pem = "x"\ninsecure = true', 'Attribute "ca_cert_pem" cannot be specified'),
        ('url = "http://x"\nclient_cert_pem = "x"', 'Attribute "client_key_pem" must be specified'),
        (
            'url = "http://x"\nretry { attempts = -1 }',
            "Attribute attempts value must be a whole number, at least 0, got: -1",
        ),
        (
            'url = "http://x"\nretry {\n min_delay_ms = 5\n max_delay_ms = 4\n}',
            "at least min_delay_ms, which is 5, got: 4",
        ),
    ],
)
def test_mistakes_are_told_by_validate(here: CommandLine, arguments: str, said: str) -> None:
    here.write(f'data "http" "h" {{\n{arguments}\n}}\n')
    assert said in " ".join(here.run("validate", "-no-color", code=1).replace("│", "").split())
