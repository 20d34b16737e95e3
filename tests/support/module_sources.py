"""What modules come from, made on the spot: a registry and web server on loopback, archives, git repositories."""

from __future__ import annotations

import io
import json
import os
import shutil
import ssl
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

__all__ = [
    "ModuleServer",
    "archive",
    "commit",
    "module_server",
    "needs_terraform",
    "repository",
    "run_terraform",
    "write_files",
]

needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform here to compare with")

Page = tuple[int, Mapping[str, str], bytes]


class ModuleServer(ThreadingHTTPServer):
    """A registry with the modules in `versions`, and a web server of `pages`; notes what it is asked."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.pages: dict[str, Page] = {}
        """By path, without the query."""
        self.versions: dict[str, dict[str, str]] = {}
        """By `namespace/name/provider`: the location of each version's package."""
        self._held: str | None = None
        self._released = threading.Event()
        self.asked: list[str] = []
        """Paths with queries, in order."""
        self.headers: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"{self._scheme}://127.0.0.1:{self.server_port}"

    def put(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        """Serve a page; underscores in names of headers stand for dashes. Its URL."""
        self.pages[path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)
        return f"{self.url}{path}"

    def hold(self, path: str) -> None:
        """Let those who ask for a page wait."""
        self._held = path

    def release(self) -> None:
        """Answer them."""
        self._released.set()

    def wait_for(self, path: str) -> None:
        """Wait as long as the page is held."""
        if path == self._held:
            self._released.wait()

    def write_configuration(self, path: Path, *hosts: str) -> dict[str, str]:
        """Write a CLI configuration in which these hosts are this registry; the environment that names it."""
        service = f'services = {{ "modules.v1" = "{self.url}/registry/" }}'
        path.write_text("".join(f'host "{host}" {{ {service} }}\n' for host in hosts))
        return {"TF_CLI_CONFIG_FILE": str(path)}


class _Handler(BaseHTTPRequestHandler):
    server: ModuleServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.headers.append(dict(self.headers))
        self.server.wait_for(self.path)
        status, headers, body = self._page(self.path.partition("?")[0])
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        with suppress(ConnectionError):
            self.end_headers()
            self.wfile.write(body)

    def _page(self, path: str) -> Page:
        if path in self.server.pages:
            return self.server.pages[path]
        match path.removeprefix("/registry/").split("/"):
            case [namespace, name, provider, "versions"] if self._module(namespace, name, provider) is not None:
                versions = self._module(namespace, name, provider) or {}
                document = {"modules": [{"versions": [{"version": version} for version in versions]}]}
                return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()
            case [namespace, name, provider, version, "download"]:
                location = (self._module(namespace, name, provider) or {}).get(version)
                if location is not None:
                    return 204, {"X-Terraform-Get": location}, b""
        return 404, {}, b"nothing here"

    def _module(self, *parts: str) -> dict[str, str] | None:
        return self.server.versions.get("/".join(parts))

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def module_server(tls: ssl.SSLContext | None = None) -> Iterator[ModuleServer]:
    """A server that runs."""
    server = ModuleServer(tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_files(directory: Path, files: Mapping[str, str]) -> Path:
    """Write files below a directory; the directory."""
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    return directory


def archive(kind: str, files: Mapping[str, str]) -> bytes:
    """An archive of files: `zip`, or `tar.gz`, `tar.bz2`, `tar.xz`."""
    content = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(content, "w") as packed:
            for name, text in files.items():
                packed.writestr(name, text)
        return content.getvalue()
    with tarfile.open(fileobj=content, mode=f"w:{kind.removeprefix('tar.')}") as packed:  # type: ignore[call-overload]
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            packed.addfile(entry, io.BytesIO(text.encode()))
    return content.getvalue()


def repository(directory: Path, files: Mapping[str, str], tag: str | None = None) -> str:
    """A git repository with one commit; its URL."""
    write_files(directory, files)
    _git(directory, "init", "--quiet", "--initial-branch=main")
    commit(directory, {}, tag)
    return f"file://{directory}"


def commit(directory: Path, files: Mapping[str, str], tag: str | None = None) -> str:
    """Commit all that there is, with these files; the commit's name."""
    write_files(directory, files)
    _git(directory, "add", "--all")
    _git(directory, "commit", "--quiet", "--allow-empty", "--message=change")
    if tag is not None:
        _git(directory, "tag", tag)
    return _git(directory, "rev-parse", "HEAD").strip()


def _git(directory: Path, *words: str) -> str:
    who = {f"GIT_{role}_{what}": "a@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    ran = subprocess.run(
        ["git", *words],
        cwd=directory,
        env={**os.environ, **who, **settings},
        check=True,
        capture_output=True,
        text=True,
    )
    return ran.stdout


def run_terraform(directory: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a real Terraform does with the configuration in a directory."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    return subprocess.run(
        ["terraform", *words],
        cwd=directory,
        env={**clean, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
