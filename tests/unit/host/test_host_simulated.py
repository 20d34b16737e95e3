"""Simulated hosts: what is made on one is there for the next command, whatever happens in between."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from xml.etree.ElementTree import fromstring, tostring

import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.host import Host, open_host, simulated
from kvmform.host.affect import Affect
from kvmform.host.domains import define_domain, read_definition, set_domain_autostart, set_domain_metadata
from kvmform.host.inventory import Inventory
from kvmform.host.networks import define_network, set_network_autostart, start_network
from kvmform.host.operation import Kind, Operation
from kvmform.host.pools import define_pool, set_pool_autostart, start_pool, stop_pool
from kvmform.host.power import start_domain, suspend_domain
from kvmform.host.records import PowerState, Record
from kvmform.host.snapshots import create_snapshot, revert_to_snapshot
from kvmform.host.volumes import create_volume, delete_volume

URI = "test+file:host.xml"


def reopen(host: Host, directory: Path) -> Host:
    host.close()
    return open_host(URI, directory)


def why(uri: str, directory: Path) -> str:
    """Detail of the error that opening gives."""
    with pytest.raises(DiagnosticError) as caught:
        open_host(uri, directory)
    return caught.value.diagnostics[0].detail


def everything(host: Host) -> dict[str, object]:
    """All that a host has; live XML without the numbers that libvirt gives to running domains."""
    inventory = Inventory(host.read)
    found: dict[str, object] = {}
    for shelf in (inventory.pools, inventory.networks, inventory.domains):
        for record in shelf.all():
            found[f"{type(record).__name__} {record.name}"] = facts(record)
    for pool in inventory.pools.all():
        found[f"volumes {pool.name}"] = inventory.volumes.of(pool.uuid)
    for domain in inventory.domains.all():
        found[f"snapshots {domain.name}"] = inventory.snapshots.of(domain.uuid)
    return found


def facts(record: Record) -> tuple[object, ...]:
    live = fromstring(record.live_xml) if record.live_xml else None
    if live is not None:
        live.attrib.pop("id", None)
    shown = None if live is None else tostring(live, encoding="unicode")
    return (record.uuid, record.active, record.persistent, record.autostart, record.xml, shown)


def test_a_new_host_is_made_where_the_uri_says(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    host = open_host("test+file:a%20b/h%C3%B6st%3F.xml", tmp_path)
    assert host.is_simulated
    assert host.inventory.domains.all() == ()
    host.close()
    assert (tmp_path / "a b" / "höst?.xml").exists()


def test_an_absolute_path_does_not_depend_on_the_directory(tmp_path: Path) -> None:
    open_host(f"test+file://{tmp_path}/host.xml", Path("/nowhere")).close()
    assert (tmp_path / "host.xml").exists()


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """Definitions hold passwords of displays."""
    open_host(URI, tmp_path).close()
    assert stat.S_IMODE((tmp_path / "host.xml").stat().st_mode) == 0o600


def test_everything_survives(host: Host, pool: str, network: str, domain: str, tmp_path: Path) -> None:
    backing = "<backingStore><path>/images/base</path><format type='raw'/></backingStore>"
    create_volume(host, pool, "<volume><name>base</name><capacity unit='GiB'>3</capacity></volume>")
    create_volume(
        host,
        pool,
        "<volume><name>web &lt;1&gt;</name><capacity unit='GiB'>5</capacity><target><format type='qcow2'/></target>"
        f"{backing}</volume>",
    )
    set_pool_autostart(host, pool, True)
    set_network_autostart(host, network, True)
    set_domain_autostart(host, domain, True)
    set_domain_metadata(host, domain, "<owner>ä &amp; b</owner>", "k", "urn:k", Affect.CONFIG)
    start_domain(host, domain)
    for name in ("a", "b"):
        create_snapshot(host, domain, f"<domainsnapshot><name>{name}</name></domainsnapshot>")
    revert_to_snapshot(host, domain, "a")
    suspend_domain(host, domain)
    before = everything(host)
    host = reopen(host, tmp_path)
    assert everything(host) == before
    host = reopen(host, tmp_path)
    assert everything(host) == before
    host.close()


def test_what_is_inactive_stays_inactive(host: Host, pool: str, network: str, domain: str, tmp_path: Path) -> None:
    """The driver itself starts every pool and network that it reads."""
    create_volume(host, pool, "<volume><name>v</name><capacity>1</capacity></volume>")
    stop_pool(host, pool)
    define_network(host, "<network><name>idle</name></network>")
    host = reopen(host, tmp_path)
    stopped = host.inventory.pools.get(pool)
    idle = host.inventory.networks.named("idle")
    assert stopped is not None
    assert idle is not None
    assert not stopped.active
    assert not idle.active
    assert network in {record.uuid for record in host.inventory.networks.all() if record.active}
    record = host.inventory.domains.get(domain)
    assert record is not None
    assert record.state is PowerState.SHUT_OFF
    start_pool(host, pool)
    assert [volume.name for volume in host.inventory.volumes.of(pool)] == ["v"]
    host.close()


def test_a_definition_for_the_next_start_survives(host: Host, domain: str, tmp_path: Path) -> None:
    start_domain(host, domain)
    define_domain(host, read_definition(host, domain).replace("524288", "1048576"))
    host = reopen(host, tmp_path)
    record = host.inventory.domains.get(domain)
    assert record is not None
    assert "1048576" in record.xml
    assert "524288" in (record.live_xml or "")
    host.close()


def test_saved_memory_and_transient_domains_survive(host: Host, domain: str, tmp_path: Path) -> None:
    start_domain(host, domain)
    host.write(Operation("save", Kind.DOMAIN, domain), lambda connection: connection.domain(domain).managedSave(0))
    transient = "<domain type='test'><name>brief</name><memory>65536</memory><os><type>hvm</type></os></domain>"
    host.write(Operation("start", Kind.DOMAIN), lambda connection: connection.raw.createXML(transient, 0).name())
    host = reopen(host, tmp_path)
    saved, brief = host.inventory.domains.get(domain), host.inventory.domains.named("brief")
    assert saved is not None
    assert brief is not None
    assert saved.managed_save
    assert brief.active
    assert not brief.persistent
    host.close()


def test_what_the_user_wrote_of_the_machine_is_kept(tmp_path: Path) -> None:
    document = "<node><cpu><mhz>1</mhz><model>aarch64</model><active>3</active></cpu><memory>2048</memory></node>"
    (tmp_path / "host.xml").write_text(document)
    host = open_host(URI, tmp_path)
    assert (host.capabilities.arch, host.capabilities.memory) == ("aarch64", 2)
    define_network(host, "<network><name>n</name></network>")
    host = reopen(host, tmp_path)
    assert (host.capabilities.arch, host.capabilities.cpus) == ("aarch64", 3)
    assert host.inventory.networks.named("n") is not None
    host.close()


def test_the_mode_of_a_file_and_a_link_to_it_are_kept(tmp_path: Path) -> None:
    (tmp_path / "real.xml").write_text("<node/>")
    (tmp_path / "real.xml").chmod(0o644)
    (tmp_path / "host.xml").symlink_to("real.xml")
    host = open_host(URI, tmp_path)
    define_network(host, "<network><name>n</name></network>")
    host.close()
    assert (tmp_path / "host.xml").is_symlink()
    assert stat.S_IMODE((tmp_path / "real.xml").stat().st_mode) == 0o644
    assert "<name>n</name>" in (tmp_path / "real.xml").read_text()


def test_a_host_that_is_only_read_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "host.xml").write_text("<node><!-- mine --></node>")
    host = open_host(URI, tmp_path)
    assert host.inventory.domains.all() == ()
    host.close()
    assert (tmp_path / "host.xml").read_text() == "<node><!-- mine --></node>"


def test_a_change_is_on_disk_soon_without_closing(host: Host, network: str, tmp_path: Path) -> None:
    assert network
    deadline = time.monotonic() + 5
    while "<name>lab</name>" not in (tmp_path / "host.xml").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert host.inventory.networks.named("lab") is not None


def test_many_changes_are_written_together(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    saves: list[int] = []
    replace = simulated._replace

    def replace_slowly(path: Path, text: str) -> None:
        saves.append(len(text))
        time.sleep(0.02)
        replace(path, text)

    monkeypatch.setattr(simulated, "_replace", replace_slowly)
    monkeypatch.setattr(simulated, "_SMALL", 0)  # on a small host each change is saved before it is done
    for number in range(300):
        define_network(host, f"<network><name>n{number}</name></network>")
    host.close()
    assert len(saves) < 30
    assert saves[-1] == max(saves)


def test_closing_twice_is_no_harm(tmp_path: Path) -> None:
    host = open_host(URI, tmp_path)
    host.close()
    host.close()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<node>", "is not XML"),
        ("<domain/>", "is a <domain> document"),
        ("<node><domain type='test'/></node>", "libvirt's test driver does not take"),
        (b"<node>\xff</node>", "can't be used"),
    ],
)
def test_a_file_that_is_no_host_is_refused_and_left(text: str | bytes, reason: str, tmp_path: Path) -> None:
    data = text.encode() if isinstance(text, str) else text
    (tmp_path / "host.xml").write_bytes(data)
    assert reason in why(URI, tmp_path)
    assert (tmp_path / "host.xml").read_bytes() == data
    (tmp_path / "host.xml").unlink()
    open_host(URI, tmp_path).close()  # the failure has let go of the lock


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("test+file://host.xml", "does not name a file"),
        ("test+file:", "does not name a file"),
        ("test+file:none/host.xml", "Its directory must exist"),
    ],
)
def test_a_place_that_can_not_be_is_refused(uri: str, reason: str, tmp_path: Path) -> None:
    assert reason in why(uri, tmp_path)


def test_one_process_opens_it_once(host: Host, tmp_path: Path) -> None:
    assert host.is_simulated
    assert "is open in the process" in why(URI, tmp_path)


def test_another_process_waits_for_it(tmp_path: Path) -> None:
    holder = run_program(tmp_path, "print('open', flush=True)\nimport time; time.sleep(60)")
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    threading.Timer(0.3, holder.kill).start()
    started = time.monotonic()
    open_host(URI, tmp_path).close()
    assert 0.2 < time.monotonic() - started < 8
    finish(holder)


def test_waiting_for_another_process_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "_LOCK_SECONDS", 0.1)
    holder = run_program(tmp_path, "print('open', flush=True)\nimport time; time.sleep(60)")
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    assert f"in the process {holder.pid}" in why(URI, tmp_path)
    holder.kill()
    finish(holder)


def test_a_file_that_can_not_be_written_is_told_when_closing(host: Host, tmp_path: Path) -> None:
    (tmp_path / ".host.xml.new").mkdir()
    define_network(host, "<network><name>n</name></network>")
    with pytest.raises(DiagnosticError, match="Cannot save the simulated host"):
        host.close()


def test_a_program_that_ends_without_closing_has_saved(tmp_path: Path) -> None:
    program = run_program(tmp_path, "define_network(host, '<network><name>n</name></network>')")
    finish(program)
    assert program.returncode == 0
    assert "<name>n</name>" in (tmp_path / "host.xml").read_text()


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.1, 0.25])
def test_a_killed_program_leaves_a_host_that_opens(delay: float, tmp_path: Path) -> None:
    """Killed in the middle of many changes: what was saved last is whole, and the rest can be made again."""
    program = run_program(
        tmp_path,
        "print('open', flush=True)\n"
        "for number in range(100000):\n"
        "    start_network(host, define_network(host, f'<network><name>n{number}</name></network>'))\n",
    )
    assert program.stdout is not None
    assert program.stdout.readline() == b"open\n"
    time.sleep(delay)
    program.kill()
    finish(program)
    assert program.returncode == -signal.SIGKILL
    host = open_host(URI, tmp_path)
    names = {record.name for record in host.inventory.networks.all()}
    assert names == {f"n{number}" for number in range(len(names))}
    start_network(host, define_network(host, f"<network><name>n{len(names)}</name></network>"))
    host = reopen(host, tmp_path)
    assert len(host.inventory.networks.all()) == len(names) + 1
    host.close()


def test_threads_change_it_at_once(host: Host, pool: str, tmp_path: Path) -> None:
    def work(number: int) -> None:
        for turn in range(20):
            key = create_volume(host, pool, f"<volume><name>v{number}-{turn}</name><capacity>1</capacity></volume>")
            if turn % 2:
                delete_volume(host, key)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    host = reopen(host, tmp_path)
    names = {record.name for record in host.inventory.volumes.of(pool)}
    assert names == {f"v{number}-{turn}" for number in range(5) for turn in range(0, 20, 2)}
    host.close()


def test_the_file_is_a_plain_document_of_the_drivers(host: Host, tmp_path: Path) -> None:
    """Any libvirt client can open it with test:///PATH."""
    define_pool(host, "<pool type='dir'><name>p</name><target><path>/p</path></target></pool>")
    host.close()
    plain = open_host(f"test://{tmp_path}/host.xml", tmp_path)
    assert plain.inventory.pools.named("p") is not None
    plain.close()


def run_program(directory: Path, body: str) -> subprocess.Popen[bytes]:
    """A process that has the host open and does this."""
    program = (
        "from pathlib import Path\nfrom kvmform.host import open_host\n"
        "from kvmform.host.networks import define_network, start_network\n"
        f"host = open_host({URI!r}, Path({str(directory)!r}))\n{body}"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment)


def finish(program: subprocess.Popen[bytes]) -> None:
    program.wait(timeout=20)
    if program.stdout is not None:
        program.stdout.close()
