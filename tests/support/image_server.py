"""A web server that has one image, and trouble with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["CONTENT", "ImageServer", "image_server"]

CONTENT = bytes(range(256)) * 5000


class ImageServer(ThreadingHTTPServer):
    """Serves `content`; `plan` tells what to do with each request in turn, then all is well.

    A number is the answer's code; "break": the connection ends in the middle of the content.
    `texts` are other files, by path.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = CONTENT
        self.etag: str | None = '"v1"'
        self.plan: list[int | str] = []
        self.requests: list[dict[str, str]] = []
        self.with_length = True
        self.texts: dict[str, str] = {}

    @property
    def url(self) -> str:
        """Where the image is."""
        return self.at("image.qcow2")

    def at(self, name: str) -> str:
        """Where another file is."""
        return f"http://127.0.0.1:{self.server_port}/{name}"


class _Handler(BaseHTTPRequestHandler):
    server: ImageServer

    def do_GET(self) -> None:
        """Answer one request."""
        server = self.server
        if self.path in server.texts:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(server.texts[self.path].encode())
            return
        server.requests.append(dict(self.headers))
        trouble = server.plan.pop(0) if server.plan else None
        if isinstance(trouble, int):
            self.send_error(trouble)
            return
        if server.etag and self.headers.get("If-None-Match") == server.etag:
            self.send_response(304)
            self.end_headers()
            return
        start = 0
        if "Range" in self.headers and self.headers.get("If-Range") == server.etag:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        self._answer(start, is_breaking=trouble == "break")

    def _answer(self, start: int, *, is_breaking: bool) -> None:
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        if self.server.with_length:
            self.send_header("Content-Length", str(len(body)))
        if self.server.etag:
            self.send_header("ETag", self.server.etag)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if is_breaking else body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def image_server() -> Iterator[ImageServer]:
    """A server, for as long as the context lasts."""
    with ImageServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
