"""A web server that keeps one state, as GitLab does; and trouble with it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["USER", "StateServer", "state_server"]

USER = ("ci", "hush")


class StateServer(ThreadingHTTPServer):
    """Keeps `content` and the `lock`. `refusing`: methods that are answered with a status instead, in turn."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = b""
        self.holder: dict[str, Any] | None = None
        self.refusing: dict[str, list[int]] = {}
        self.requests: list[str] = []
        self.written = threading.Condition()

    @property
    def address(self) -> str:
        """Where the state is."""
        return f"http://127.0.0.1:{self.server_port}/state/lab"

    @property
    def environment(self) -> dict[str, str]:
        """What GitLab's template puts into the environment of a job."""
        return {
            "TF_HTTP_ADDRESS": self.address,
            "TF_HTTP_LOCK_ADDRESS": f"{self.address}/lock",
            "TF_HTTP_LOCK_METHOD": "POST",
            "TF_HTTP_UNLOCK_ADDRESS": f"{self.address}/lock",
            "TF_HTTP_UNLOCK_METHOD": "DELETE",
            "TF_HTTP_USERNAME": USER[0],
            "TF_HTTP_PASSWORD": USER[1],
            "TF_HTTP_RETRY_WAIT_MIN": "0",
        }

    def state(self) -> dict[str, Any]:
        """The state, read."""
        document: dict[str, Any] = json.loads(self.content)
        return document


class _Handler(BaseHTTPRequestHandler):
    server: StateServer

    def do_GET(self) -> None:
        """The state, 204 if there is none."""
        if self._may_be_asked():
            self._answer(200 if self.server.content else 204, self.server.content)

    def do_POST(self) -> None:
        """A new state, or the lock."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._may_be_asked():
            return
        place, server = urlsplit(self.path), self.server
        if place.path.endswith("/lock"):
            if server.holder is not None and server.holder != json.loads(body):
                self._answer(409, json.dumps(server.holder).encode())
                return
            server.holder = json.loads(body)
        elif server.holder is not None and parse_qs(place.query).get("ID") != [server.holder["ID"]]:
            self._answer(409, b"locked by another")
            return
        else:
            with server.written:
                server.content = body
                server.written.notify_all()
        self._answer(200)

    def do_DELETE(self) -> None:
        """The lock is given back."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._may_be_asked():
            return
        if self.server.holder is not None and self.server.holder["ID"] != body["ID"]:
            self._answer(409, b"that is another lock")
            return
        self.server.holder = None
        self._answer(200)

    def handle(self) -> None:
        """Answer what is asked, as long as there is somebody."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *_message: object) -> None:
        """Nothing."""

    def _may_be_asked(self) -> bool:
        self.server.requests.append(f"{self.command} {self.path.partition('?')[0]}")
        refused = self.server.refusing.get(self.command)
        if refused:
            self._answer(refused.pop(0), b"in trouble")
            return False
        credentials = base64.b64encode(":".join(USER).encode()).decode()
        if self.headers["Authorization"] != f"Basic {credentials}":
            self._answer(401)
            return False
        return True

    def _answer(self, status: int, body: bytes = b"") -> None:
        with suppress(ConnectionError):  # whoever asked may have been killed meanwhile
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


@contextmanager
def state_server() -> Iterator[StateServer]:
    """A server without a state."""
    server = StateServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
