"""Repositories, through the user's own clients, with their keys and settings."""

from __future__ import annotations

import base64
import binascii
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from kvmform.modules.fetch_error import FetchError, UnreachableError

__all__ = ["clone_git", "clone_mercurial"]

_COMMIT = re.compile(r"[0-9a-fA-F]{7,40}")


def clone_git(url: str, target: Path, *, ask: bool) -> None:
    """Clone a git repository as the `ref`, `depth` and `sshkey` of its URL say, with its submodules.

    Args:
        url: the URL, with these in its query.
        target: where to; doesn't exist yet.
        ask: whether git may ask for a password.

    Raises:
        FetchError: git is not there, or says no.
    """
    address, query = _without(url, "ref", "depth", "sshkey")
    ref, depth = query.get("ref", ""), _depth(query.get("depth", ""))
    if ref.startswith("-"):
        raise FetchError(f'"{ref}" is no name of a branch, tag or commit')
    shallow = ["--depth", str(depth), *(["--branch", ref] if ref else [])] if depth else []
    with _git_environment(query.get("sshkey", ""), ask=ask) as environment:
        try:
            _run("git", ["clone", *shallow, "--", address, str(target)], environment)
        except UnreachableError as problem:
            if depth and _COMMIT.fullmatch(ref):
                hint = "note that setting 'depth' requires 'ref' to be a branch or tag name"
                raise FetchError(f"{problem} ({hint})") from problem
            raise
        if ref and not depth:
            _run("git", ["-C", str(target), "checkout", ref, "--"], environment)
        depths = ["--depth", str(depth)] if depth else []
        _run("git", ["-C", str(target), "submodule", "update", "--init", "--recursive", *depths], environment)


def clone_mercurial(url: str, target: Path) -> None:
    """Clone a Mercurial repository at the `rev` of its URL.

    Raises:
        FetchError: hg is not there, or says no.
    """
    address, query = _without(url, "rev")
    revision = query.get("rev", "")
    if revision.startswith("-"):
        raise FetchError(f'"{revision}" is no name of a revision')
    _run("hg", ["clone", "--noupdate", "--", address, str(target)], os.environ)
    _run("hg", ["--cwd", str(target), "update", *([revision] if revision else [])], os.environ)


def _without(url: str, *names: str) -> tuple[str, dict[str, str]]:
    """A URL without these in its query, and what they were."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    rest = urlencode([(name, value) for name, value in query if name not in names])
    return urlunsplit(parts._replace(query=rest)), {name: value for name, value in query if name in names}


def _depth(text: str) -> int:
    try:
        return int(text or "0")
    except ValueError as problem:
        raise FetchError(f'the depth "{text}" is no number') from problem


@contextmanager
def _git_environment(key: str, *, ask: bool) -> Iterator[Mapping[str, str]]:
    """The environment for git: with the SSH key of the address if there is one, in a file for as long as needed."""
    environment = {**os.environ, "LC_ALL": "C"}
    if not ask:
        environment["GIT_TERMINAL_PROMPT"] = "0"
    if not key:
        yield environment
        return
    try:
        private = base64.b64decode(key.replace(" ", "+"), validate=True)
    except binascii.Error as problem:
        raise FetchError("the sshkey is not base64") from problem
    with tempfile.NamedTemporaryFile(prefix="kvmform-key-") as file:
        file.write(private)
        file.flush()
        command = environment.get("GIT_SSH_COMMAND", "ssh")
        environment["GIT_SSH_COMMAND"] = f"{command} -i {file.name} -o StrictHostKeyChecking=no"
        yield environment


def _run(program: str, words: list[str], environment: Mapping[str, str]) -> None:
    try:
        done = subprocess.run(
            [program, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as problem:
        raise FetchError(f"{program} must be available and on the PATH; install it") from problem
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        kind = UnreachableError if words[0] == "clone" else FetchError
        raise kind(f"{program} {words[2 if words[0].startswith('-') else 0]} failed: {said}")
