"""A real sshd for the tests of this directory, and a key that it lets in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sshd import Sshd, make_key, unavailable


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key; its public half is beside it."""
    return make_key(tmp_path_factory.mktemp("key") / "id")


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Iterator[Sshd]:
    """A server that lets that key in, and the password."""
    reason = unavailable()
    if reason is not None:
        pytest.skip(reason)
    with Sshd(tmp_path_factory.mktemp("sshd") / "s") as server:
        server.authorize(key.with_suffix(".pub").read_text())
        yield server
