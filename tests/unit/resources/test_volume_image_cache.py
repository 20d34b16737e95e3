"""The image cache: what has the right checksum is not asked for again, and what nobody uses goes in the end."""

import hashlib
import math
import os
import threading
import time
from functools import partial

import pytest
from image_server import CONTENT, image_server

from kvmform.diagnostics import DiagnosticError
from kvmform.resources.volume import download
from kvmform.resources.volume.checksum import Checksum
from kvmform.resources.volume.download import cache_directory
from kvmform.resources.volume.image_cache import cached_image

DIGEST = Checksum("sha256", hashlib.sha256(CONTENT).hexdigest())
OTHER = Checksum("sha256", "0" * 64)


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(download, "_FIRST_PAUSE", 0.001)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    with image_server() as server:
        yield server


def get(server, checksum=None, since=math.inf):
    return cached_image(server.url, checksum, lambda *_: None, threading.Event(), since)


def test_an_image_of_a_checksum_is_fetched_once_whatever_the_server_has_later(server):
    first = get(server, DIGEST)
    assert first.read_bytes() == CONTENT
    server.content, server.etag = b"newer", '"v2"'
    assert get(server, DIGEST).read_bytes() == CONTENT
    assert len(server.requests) == 1
    assert get(server).read_bytes() == b"newer"


def test_an_image_of_another_checksum_is_refused_and_not_kept_as_that(server):
    with pytest.raises(DiagnosticError, match="another checksum"):
        get(server, OTHER)
    assert not list(cache_directory().glob(f"{OTHER.algorithm}-*.image"))
    assert get(server, DIGEST).read_bytes() == CONTENT


def test_a_broken_transfer_of_a_checksum_goes_on_where_it_was(server):
    server.plan = ["break"]
    assert get(server, DIGEST).read_bytes() == CONTENT
    assert server.requests[1]["Range"] == f"bytes={len(CONTENT) // 2}-"


@pytest.mark.parametrize("etag", ['"v1"', None])
def test_within_an_apply_the_server_is_asked_once(server, etag):
    server.etag = etag
    begun = time.time()
    for _ in range(3):
        assert get(server, since=begun).read_bytes() == CONTENT
    assert len(server.requests) == 1
    get(server, since=time.time() + 1)
    assert len(server.requests) == 2


def test_volumes_that_are_made_at_once_share_a_download_and_its_verification(server):
    server.etag, begun, found = None, time.time(), []
    work = partial(get, server, DIGEST, begun)
    threads = [threading.Thread(target=lambda: found.append(work())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(server.requests) == 1


def test_the_same_image_under_two_names_takes_its_space_once(server):
    get(server, DIGEST)
    assert len({path.stat().st_ino for path in cache_directory().glob("*.image")}) == 1


def old(name, megabytes, hours):
    path = cache_directory() / f"{name}.image"
    path.write_bytes(os.urandom(megabytes * 2**20))
    used = time.time() - hours * 3600
    os.utime(path, (used, used))
    return path


def test_what_was_not_used_for_longest_goes_beyond_the_limit(server, monkeypatch):
    monkeypatch.setenv("KVMFORM_IMAGE_CACHE_LIMIT", str(5.5 / 1024))
    cache_directory().mkdir(parents=True)
    oldest, older, used_now = old("oldest", 2, 9), old("older", 2, 8), old("now", 2, 0)
    image = get(server, DIGEST)
    assert [path.exists() for path in (oldest, older, used_now, image)] == [False, True, True, True]
    monkeypatch.setenv("KVMFORM_IMAGE_CACHE_LIMIT", "0")
    get(server, DIGEST)
    assert [path.exists() for path in (older, used_now, image)] == [False, True, True]


def test_a_limit_that_is_no_number_is_told(server, monkeypatch):
    monkeypatch.setenv("KVMFORM_IMAGE_CACHE_LIMIT", "much")
    with pytest.raises(DiagnosticError, match="Invalid limit of the image cache"):
        get(server)
