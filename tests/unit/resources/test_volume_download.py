"""Downloads go on where they broke off, and an image that has not changed is not fetched again."""

import threading

import pytest
from image_server import CONTENT, image_server

from kvmform.diagnostics import DiagnosticError
from kvmform.resources.volume import download
from kvmform.resources.volume.download import fetch_image


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(download, "_FIRST_PAUSE", 0.001)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    with image_server() as server:
        yield server


def fetch(server, seen=None):
    progress = (lambda *event: seen.append(event)) if seen is not None else (lambda *_: None)
    return fetch_image(server.url, progress, threading.Event())


def test_an_image_is_fetched_into_the_cache(server, tmp_path):
    seen = []
    path = fetch(server, seen)
    assert path.read_bytes() == CONTENT
    assert path.is_relative_to(tmp_path)
    assert seen[-1] == ("downloading", len(CONTENT), len(CONTENT))


def test_an_unchanged_image_is_not_fetched_again(server):
    first = fetch(server)
    seen = []
    assert fetch(server, seen) == first
    assert seen == []
    assert server.requests[-1]["If-None-Match"] == '"v1"'


def test_a_changed_image_is_fetched_anew(server):
    fetch(server)
    server.content, server.etag = b"new", '"v2"'
    assert fetch(server).read_bytes() == b"new"


def test_a_transfer_goes_on_where_it_broke_off(server):
    server.plan = ["break"]
    assert fetch(server).read_bytes() == CONTENT
    assert server.requests[1]["Range"] == f"bytes={len(CONTENT) // 2}-"


def test_a_transfer_of_a_changed_image_begins_again(server):
    server.plan = ["break"] * download._ATTEMPTS
    with pytest.raises(DiagnosticError, match="can't be downloaded"):
        fetch(server)
    server.content, server.etag = b"new", '"v2"'
    assert fetch(server).read_bytes() == b"new"


def test_a_broken_update_does_not_pass_off_the_old_image_as_the_new_one(server):
    fetch(server)
    server.content, server.etag, server.plan = b"new content", '"v2"', ["break"] * download._ATTEMPTS
    with pytest.raises(DiagnosticError):
        fetch(server)
    assert fetch(server).read_bytes() == b"new content"


def test_without_validators_nothing_is_assumed(server):
    server.etag, server.plan = None, ["break"]
    assert fetch(server).read_bytes() == CONTENT
    assert "Range" not in server.requests[1]


def test_a_length_need_not_be_known(server):
    server.with_length = False
    seen = []
    assert fetch(server, seen).read_bytes() == CONTENT
    assert seen[-1] == ("downloading", len(CONTENT), None)


@pytest.mark.parametrize("code", [500, 503, 429, 408, 416])
def test_passing_trouble_is_tried_again(server, code):
    server.plan = [code, code]
    assert fetch(server).read_bytes() == CONTENT


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_lasting_trouble_is_told_at_once(server, code):
    server.plan = [code] * 9
    with pytest.raises(DiagnosticError) as caught:
        fetch(server)
    assert str(code) in caught.value.diagnostics[0].detail
    assert len(server.requests) == 1


@pytest.mark.usefixtures("server")
def test_a_server_that_is_not_there_is_a_diagnostic(monkeypatch):
    monkeypatch.setattr(download, "_ATTEMPTS", 2)
    with pytest.raises(DiagnosticError, match="can't be downloaded") as caught:
        fetch_image("http://127.0.0.1:9/image", lambda *_: None, threading.Event())
    assert "refused" in caught.value.diagnostics[0].detail


def test_a_stopped_download_is_continued_by_the_next_one(server, monkeypatch):
    monkeypatch.setattr(download, "_CHUNK", 1000)
    stop = threading.Event()
    with pytest.raises(DiagnosticError, match="Download stopped"):
        fetch_image(server.url, lambda *_: stop.set(), stop)
    assert fetch(server).read_bytes() == CONTENT
    assert server.requests[-1]["Range"] == "bytes=1000-"


def test_one_image_for_many_volumes_is_fetched_once(server):
    paths = []
    threads = [threading.Thread(target=lambda: paths.append(fetch(server))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(paths)) == 1
    assert sum("If-None-Match" not in request for request in server.requests) == 1


def test_a_cache_that_can_not_be_written_is_a_diagnostic(server, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(DiagnosticError, match="can't be kept"):
        fetch(server)
