"""Volumes on a real host: content, growth, full pools, and runs that are cut off."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import libvirt
import pytest
from type_bench import TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.errors import NoSpaceError, StoppedError
from kvmform.host.host import open_host
from kvmform.host.pools import stop_pool
from kvmform.resources.pool.resource_type import POOL
from kvmform.resources.volume.resource_type import VOLUME

pytestmark = pytest.mark.libvirt

MIB = 2**20


@pytest.fixture
def bench(lab_host, tmp_path):
    """A bench with the pool `images-<test>`; all of it is deleted in the end."""
    host = open_host(lab_host.uri, tmp_path)
    bench = TypeBench(host, tmp_path)
    yield bench
    for pool in [record for record in host.inventory.pools.all() if f"<path>{tmp_path}" in record.xml]:
        bench.delete(POOL, {"id": pool.uuid})
    host.close()


@pytest.fixture
def pool(bench, tmp_path):
    name = f"images-{tmp_path.name}"
    written = {"name": name, "type": "dir", "target": [{"path": f"{tmp_path}/pool"}]}
    bench.create(POOL, written, address="pool")
    bench.recorded.clear()
    return name


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "pool"


@pytest.fixture
def qcow2(tmp_path):
    """A qcow2 image of 64 MiB with 3 MiB of data, which are returned too."""
    data = os.urandom(3 * MIB)
    raw, path = tmp_path / "plain", tmp_path / "image.qcow2"
    raw.write_bytes(data)
    os.truncate(raw, 64 * MIB)
    qemu_img("convert", "-f", "raw", "-O", "qcow2", raw, path)
    raw.unlink()
    return path, data


def qemu_img(*words):
    return subprocess.run(["qemu-img", *words], check=True, capture_output=True, text=True).stdout


def info(path):
    return json.loads(qemu_img("info", "-U", "--output=json", path))


def content(path, tmp_path):
    """What a guest sees in an image."""
    plain = tmp_path / "as-seen"
    qemu_img("convert", "-U", "-O", "raw", path, plain)
    return plain.read_bytes()


def assert_stable(bench, written, state):
    assert VOLUME.read(bench.host, state).object == state
    assert bench.edits(VOLUME, written, state) == ()


def test_a_qcow2_image_is_uploaded_as_it_is(bench, pool, directory, qcow2):
    written = {"name": "disk", "pool": pool, "source": "image.qcow2"}
    state = bench.create(VOLUME, written)
    assert state["id"] == str(directory / "disk")
    assert (state["format"], state["size"]) == ("qcow2", 64 * MIB)
    assert (directory / "disk").read_bytes() == qcow2[0].read_bytes()
    assert bench.said[-1] == ("uploading", qcow2[0].stat().st_size, qcow2[0].stat().st_size)
    assert_stable(bench, written, state)


def test_an_image_and_a_larger_size(bench, pool, directory, qcow2, tmp_path):
    written = {"name": "disk", "pool": pool, "source": f"file://{qcow2[0]}", "size": 200 * MIB + 5}
    state = bench.create(VOLUME, written)
    seen = content(directory / "disk", tmp_path)
    assert seen[: len(qcow2[1])] == qcow2[1]
    assert len(seen) == 200 * MIB + 1024
    assert_stable(bench, written, state)


@pytest.mark.parametrize("length", [12, 196_000, 3 * MIB + 7])
def test_a_raw_image_is_not_padded(bench, pool, directory, tmp_path, length):
    (tmp_path / "plain.img").write_bytes(os.urandom(length))
    written = {"name": "disk", "pool": pool, "source": "plain.img"}
    state = bench.create(VOLUME, written)
    assert (state["format"], state["size"]) == ("raw", length)
    assert (directory / "disk").read_bytes() == (tmp_path / "plain.img").read_bytes()
    assert_stable(bench, written, state)


def test_a_raw_image_and_a_larger_size(bench, pool, directory, tmp_path):
    data = os.urandom(MIB)
    (tmp_path / "plain.img").write_bytes(data)
    written = {"name": "disk", "pool": pool, "source": "plain.img", "size": 50 * MIB}
    state = bench.create(VOLUME, written)
    assert (directory / "disk").read_bytes() == data.ljust(50 * MIB, b"\0")
    assert (directory / "disk").stat().st_blocks * 512 < 2 * MIB
    assert_stable(bench, written, state)


def test_an_iso_image_is_raw(bench, pool, tmp_path):
    (tmp_path / "cd.iso").write_bytes((b"\0" * 32768 + b"\1CD001\1").ljust(60_000, b"\0"))
    written = {"name": "cd", "pool": pool, "source": "cd.iso"}
    state = bench.create(VOLUME, written)
    assert state["format"] == "raw"
    assert_stable(bench, written, state)


def test_an_image_from_the_network(bench, pool, directory, qcow2, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        written = {"name": "disk", "pool": pool, "source": f"http://127.0.0.1:{server.server_port}/image.qcow2"}
        state = bench.create(VOLUME, written)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (directory / "disk").read_bytes() == qcow2[0].read_bytes()
    assert {words for words, *_ in bench.said} == {"downloading", "uploading"}
    assert_stable(bench, written, state)


@pytest.mark.parametrize(("format_", "size"), [("qcow2", 10 * MIB), ("raw", 10 * MIB), ("qcow2", 1000), ("raw", 1000)])
def test_an_empty_volume(bench, pool, directory, format_, size):
    written = {"name": "disk", "pool": pool, "size": size, "format": format_}
    state = bench.create(VOLUME, written)
    found = info(directory / "disk")
    assert found["format"] == format_
    assert found["virtual-size"] >= size
    if format_ == "qcow2":
        assert found["format-specific"]["data"]["compat"] == "1.1"
    assert_stable(bench, written, state)


@pytest.mark.parametrize("base", ["base_volume_id", "base_volume_name"])
@pytest.mark.parametrize("size", [None, 100 * MIB])
def test_a_linked_clone(bench, pool, directory, qcow2, tmp_path, base, size):
    image = bench.create(VOLUME, {"name": "base", "pool": pool, "source": "image.qcow2"}, address="base")
    named = image["id"] if base == "base_volume_id" else "base"
    written = {"name": "clone", "pool": pool, base: named, "size": size}
    state = bench.create(VOLUME, written)
    assert state["size"] == (size or 64 * MIB)
    found = info(directory / "clone")
    assert found["backing-filename"] == image["id"]
    assert found["backing-filename-format"] == "qcow2"
    assert content(directory / "clone", tmp_path)[: 3 * MIB] == qcow2[1]
    assert_stable(bench, written, state)


@pytest.mark.parametrize("format_", ["qcow2", "raw"])
def test_growing_keeps_the_content(bench, pool, directory, format_):
    written = {"name": "disk", "pool": pool, "size": 10 * MIB, "format": format_}
    state = bench.create(VOLUME, written)
    subprocess.run(
        ["qemu-io", "-f", format_, "-c", "write -P 7 0 1M", directory / "disk"], check=True, capture_output=True
    )
    state = bench.update(VOLUME, {**written, "size": 20 * MIB}, state)
    assert info(directory / "disk")["virtual-size"] == 20 * MIB
    answer = subprocess.run(
        ["qemu-io", "-f", format_, "-c", "read -P 7 0 1M", directory / "disk"], check=True, capture_output=True
    )
    assert b"verification failed" not in answer.stdout
    assert_stable(bench, {**written, "size": 20 * MIB}, state)


@pytest.mark.parametrize("kind", ["file", "volume"])
@pytest.mark.parametrize("format_", ["qcow2", "raw"])
def test_growing_reaches_a_running_guest(bench, lab_host, pool, directory, domain_type, format_, kind):
    written = {"name": "disk", "pool": pool, "size": 10 * MIB, "format": format_}
    state = bench.create(VOLUME, written)
    source = f"<source file='{directory}/disk'/>" if kind == "file" else f"<source pool='{pool}' volume='disk'/>"
    connection = lab_host.connect()
    domain = connection.createXML(
        f"<domain type='{domain_type}'><name>user-{format_}-{kind}</name><memory unit='MiB'>16</memory>"
        f"<os><type>hvm</type></os><devices><disk type='{kind}' device='disk'><driver name='qemu' type='{format_}'/>"
        f"{source}<target dev='vda' bus='virtio'/></disk></devices></domain>",
        libvirt.VIR_DOMAIN_START_PAUSED,
    )
    try:
        state = bench.update(VOLUME, {**written, "size": 20 * MIB}, state)
        assert domain.blockInfo("vda")[0] == 20 * MIB
        assert_stable(bench, {**written, "size": 20 * MIB}, state)
    finally:
        domain.destroy()
        connection.close()


def test_a_file_that_is_not_ours_is_never_touched(bench, pool, directory):
    (directory / "disk").write_text("precious")
    written = {"name": "disk", "pool": pool, "size": MIB}
    with pytest.raises(DiagnosticError, match="Cannot create storage volume"):
        bench.create(VOLUME, written)
    assert bench.recorded[-1]["id"] is None
    bench.delete(VOLUME, bench.recorded[-1])
    assert (directory / "disk").read_text() == "precious"


@pytest.mark.usefixtures("qcow2")
def test_a_stopped_upload_leaves_nothing(bench, pool, directory):
    bench.stop.set()
    with pytest.raises(StoppedError):
        bench.create(VOLUME, {"name": "disk", "pool": pool, "source": "image.qcow2"})
    assert list(directory.iterdir()) == []


def test_a_deleted_volume_is_gone(bench, pool, directory):
    state = bench.create(VOLUME, {"name": "disk", "pool": pool, "size": MIB})
    stop_pool(bench.host, bench.host.inventory.pools.named(pool).uuid)
    bench.delete(VOLUME, state)
    assert list(directory.iterdir()) == []
    bench.delete(VOLUME, state)


def test_a_full_pool_is_told_and_no_half_volume_stays(bench, lab_host, tmp_path):
    (tmp_path / "full").mkdir()
    lab_host.exec_(["mount", "-t", "tmpfs", "-o", "size=4m", "none", f"{tmp_path}/full"])
    bench.create(POOL, {"name": "full", "type": "dir", "target": [{"path": f"{tmp_path}/full"}]}, address="pool")
    (tmp_path / "plain.img").write_bytes(os.urandom(8 * MIB))
    written = {"name": "disk", "pool": "full", "source": "plain.img"}
    [problem] = bench.check(VOLUME, written)
    assert problem.diagnostic.summary == "Not enough space"
    with pytest.raises(NoSpaceError):
        bench.create(VOLUME, written)
    assert lab_host.exec_(["ls", "-A", f"{tmp_path}/full"]) == ""
    bench.delete(POOL, {"id": bench.host.inventory.pools.named("full").uuid})
    lab_host.exec_(["umount", f"{tmp_path}/full"])


def test_a_killed_upload_is_made_good_by_the_next_run(bench, lab_host, pool, directory, tmp_path):
    image = tmp_path / "large.img"
    image.write_bytes(os.urandom(40 * MIB))
    journal = tmp_path / "journal"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, __file__, lab_host.uri, tmp_path, pool, journal]
    ended = subprocess.run(command, env=environment, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    leftover = json.loads(journal.read_text())
    assert leftover["id"] == str(directory / "disk")
    written = {"name": "disk", "pool": pool, "source": "large.img"}
    state = bench.create(VOLUME, written, leftover=leftover)
    assert digest(directory / "disk") == digest(image)
    assert_stable(bench, written, state)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def upload_and_die(uri, base_directory, pool, journal):
    """What the process does that is killed: upload, journal, and be killed half way through."""
    bench = TypeBench(open_host(uri, Path(base_directory)), Path(base_directory))

    def record(so_far):
        Path(journal).write_text(json.dumps(so_far))

    def progress(_words, done, total):
        if done > total / 2:
            os.kill(os.getpid(), signal.SIGKILL)

    bench.recorded = type("Journal", (), {"append": staticmethod(record)})
    bench.said = type("Progress", (), {"append": staticmethod(lambda event: progress(*event))})
    bench.create(VOLUME, {"name": "disk", "pool": pool, "source": "large.img"})


if __name__ == "__main__":
    upload_and_die(*sys.argv[1:])
