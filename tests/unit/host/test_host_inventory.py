"""The inventory: few calls, right answers after writes, safe among threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import pytest

from kvmform.host import Host
from kvmform.host.connection import Connection
from kvmform.host.domains import define_domain, rename_domain, set_domain_autostart, undefine_domain
from kvmform.host.errors import UnreachableError
from kvmform.host.inventory import Inventory
from kvmform.host.networks import stop_network
from kvmform.host.operation import Kind, Operation
from kvmform.host.pools import refresh_pool, set_pool_autostart, stop_pool
from kvmform.host.power import power_off_domain, start_domain, suspend_domain
from kvmform.host.records import NetworkRecord, PoolRecord, PowerState
from kvmform.host.shelf import in_parallel
from kvmform.host.snapshots import create_snapshot, delete_snapshot, revert_to_snapshot
from kvmform.host.volumes import create_volume, delete_volume

T = TypeVar("T")


def minimal_domain(name: str, uuid: str = "") -> str:
    identity = f"<uuid>{uuid}</uuid>" if uuid else ""
    return (
        f"<domain type='test'><name>{name}</name>{identity}<memory>65536</memory><os><type>hvm</type></os>"
        "<devices><graphics type='vnc' passwd='hush'/></devices></domain>"
    )


def minimal_volume(name: str) -> str:
    return f"<volume><name>{name}</name><capacity>4096</capacity></volume>"


class CountingReader:
    """Reads through a host, and counts."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.operations: list[str] = []

    def __call__(self, operation: Operation, call: Callable[[Connection], T]) -> T:
        self.operations.append(str(operation))
        return self.host.read(operation, call)


def test_a_pool_is_told_with_its_traits(host: Host, pool: str) -> None:
    set_pool_autostart(host, pool, True)
    record = host.inventory.pools.get(pool)
    assert isinstance(record, PoolRecord)
    assert (record.name, record.active, record.persistent, record.autostart) == ("images", True, True, True)
    assert record.xml.startswith("<pool type='dir'>")
    assert record.live_xml == record.xml
    stop_pool(host, pool)
    stopped = host.inventory.pools.get(pool)
    assert stopped is not None
    assert (stopped.active, stopped.live_xml) == (False, None)


def test_a_network_is_told_with_its_traits(host: Host, network: str) -> None:
    record = host.inventory.networks.named("lab")
    assert isinstance(record, NetworkRecord)
    assert (record.uuid, record.active, record.autostart) == (network, True, False)
    stop_network(host, network)
    assert host.inventory.networks.all()[0].active is False


def test_a_domain_is_told_with_its_power_state(host: Host, domain: str) -> None:
    def state() -> PowerState:
        record = host.inventory.domains.get(domain)
        assert record is not None
        assert record.active == (record.live_xml is not None) == (record.state is not PowerState.SHUT_OFF)
        return record.state

    assert state() is PowerState.SHUT_OFF
    start_domain(host, domain)
    assert state() is PowerState.RUNNING
    suspend_domain(host, domain)
    assert state() is PowerState.PAUSED
    power_off_domain(host, domain)
    assert state() is PowerState.SHUT_OFF


def test_listing_and_asking_one_object_tell_the_same(host: Host, domain: str, pool: str, network: str) -> None:
    """What is read after a write goes another way than what is listed at first."""
    start_domain(host, domain)
    set_domain_autostart(host, domain, True)
    create_snapshot(host, domain, "<domainsnapshot><name>a</name></domainsnapshot>")
    asked = host.inventory
    listed = Inventory(host.read)
    assert asked.domains.get(domain) == listed.domains.get(domain)
    assert asked.pools.get(pool) == listed.pools.get(pool)
    assert asked.networks.get(network) == listed.networks.get(network)


def test_no_password_is_in_a_record(host: Host) -> None:
    record = host.inventory.domains.get(define_domain(host, minimal_domain("web")))
    assert record is not None
    assert "hush" not in record.xml


def test_what_does_not_exist_is_none(host: Host, pool: str) -> None:
    nobody = "11111111-2222-3333-4444-555555555555"
    for shelf in (host.inventory.pools, host.inventory.networks, host.inventory.domains):
        assert shelf.get(nobody) is None
        assert shelf.named("nobody") is None
    assert host.inventory.volumes.get("/images/none") is None
    assert host.inventory.volumes.named(pool, "none") is None
    assert host.inventory.volumes.of(nobody) == ()
    assert host.inventory.snapshots.of(nobody) == ()
    assert host.inventory.snapshots.get(nobody, "a") is None


def test_a_hundred_domains_take_one_list_and_one_read_each(host: Host) -> None:
    uuids = [define_domain(host, minimal_domain(f"d{number}")) for number in range(100)]
    reader = CountingReader(host)
    inventory = Inventory(reader)
    inventory.domains.prefetch(uuids)
    assert [record.name for record in inventory.domains.all()] == sorted(f"d{number}" for number in range(100))
    assert inventory.domains.named("d7") == inventory.domains.get(uuids[7])
    assert inventory.domains.named("nobody") is None
    assert len(reader.operations) == 1 + 100
    assert reader.operations[0] == "list the domains of host"


def test_only_wanted_domains_are_read(host: Host) -> None:
    uuids = [define_domain(host, minimal_domain(f"d{number}")) for number in range(10)]
    reader = CountingReader(host)
    inventory = Inventory(reader)
    inventory.domains.prefetch([uuids[3], "11111111-2222-3333-4444-555555555555"])
    assert inventory.domains.get(uuids[3]) is not None
    assert len(reader.operations) == 2


def test_what_is_written_is_read_anew_and_nothing_else(host: Host) -> None:
    first, second = (define_domain(host, minimal_domain(name)) for name in ("first", "second"))
    reader = CountingReader(host)
    inventory = Inventory(reader)
    inventory.domains.all()
    reader.operations.clear()
    inventory.forget(Kind.DOMAIN, first)
    assert inventory.domains.get(second) is not None
    assert reader.operations == []
    assert inventory.domains.get(first) is not None
    assert len(reader.operations) == 2


def test_a_new_domain_is_found_by_uuid_and_by_name(host: Host) -> None:
    assert host.inventory.domains.all() == ()
    uuid = define_domain(host, minimal_domain("late"))
    named = host.inventory.domains.named("late")
    assert named is not None
    assert named.uuid == uuid
    assert [record.uuid for record in host.inventory.domains.all()] == [uuid]


def test_a_domain_with_another_name_is_found_by_that_only(host: Host) -> None:
    uuid = define_domain(host, minimal_domain("before"))
    assert host.inventory.domains.named("before") is not None
    rename_domain(host, uuid, "after")
    renamed = host.inventory.domains.named("after")
    assert renamed is not None
    assert renamed.uuid == uuid
    assert host.inventory.domains.named("before") is None


def test_a_name_that_has_gone_to_another_domain_finds_that(host: Host) -> None:
    first = define_domain(host, minimal_domain("web"))
    assert host.inventory.domains.named("web") is not None
    rename_domain(host, first, "old")
    second = define_domain(host, minimal_domain("web"))
    found = host.inventory.domains.named("web")
    assert found is not None
    assert found.uuid == second


def test_a_deleted_domain_is_gone(host: Host, domain: str) -> None:
    assert host.inventory.domains.named("web") is not None
    undefine_domain(host, domain)
    assert host.inventory.domains.get(domain) is None
    assert host.inventory.domains.named("web") is None
    assert host.inventory.domains.all() == ()


def test_forgetting_all_lists_again(host: Host, domain: str) -> None:
    assert host.inventory.domains.get(domain) is not None
    with_foreign = Operation("define", Kind.HOST)
    host.read(with_foreign, lambda connection: connection.raw.defineXML(minimal_domain("foreign")))
    assert len(host.inventory.domains.all()) == 1
    host.inventory.domains.forget_all()
    assert len(host.inventory.domains.all()) == 2


def test_an_answer_that_was_overtaken_by_a_write_is_not_kept(host: Host, domain: str) -> None:
    """A thread reads a domain while another one starts it."""
    inventory: Inventory
    is_overtaken = False

    def read_slowly(operation: Operation, call: Callable[[Connection], T]) -> T:
        nonlocal is_overtaken
        answer = host.read(operation, call)
        if operation.name == domain and not is_overtaken:
            is_overtaken = True
            start_domain(host, domain)
            inventory.forget(Kind.DOMAIN, domain)
        return answer

    inventory = Inventory(read_slowly)
    old = inventory.domains.get(domain)
    assert old is not None
    assert not old.active
    new = inventory.domains.get(domain)
    assert new is not None
    assert new.active


def test_volumes_are_listed_once_per_pool(host: Host, pool: str) -> None:
    keys = [create_volume(host, pool, minimal_volume(f"v{number}")) for number in range(20)]
    reader = CountingReader(host)
    inventory = Inventory(reader)
    inventory.volumes.prefetch(keys)
    assert {record.key for record in inventory.volumes.of(pool)} == set(keys)
    found = inventory.volumes.named(pool, "v7")
    assert found is not None
    assert (found.key, found.path, found.pool, found.name) == ("/images/v7", "/images/v7", pool, "v7")
    # One is located, which lists its pool, and then each is read.
    assert len(reader.operations) == 2 + 20


def test_volumes_are_right_after_writes(host: Host, pool: str) -> None:
    first = create_volume(host, pool, minimal_volume("first"))
    assert [record.name for record in host.inventory.volumes.of(pool)] == ["first"]
    create_volume(host, pool, minimal_volume("second"))
    assert host.inventory.volumes.named(pool, "second") is not None
    assert host.inventory.volumes.named(pool, "third") is None
    assert [record.name for record in host.inventory.volumes.of(pool)] == ["first", "second"]
    delete_volume(host, first)
    assert host.inventory.volumes.get(first) is None
    assert host.inventory.volumes.named(pool, "first") is None
    assert [record.name for record in host.inventory.volumes.of(pool)] == ["second"]


def test_a_thousand_new_volumes_do_not_list_a_thousand_times(host: Host, pool: str) -> None:
    reader = CountingReader(host)
    inventory = Inventory(reader)
    assert inventory.volumes.of(pool) == ()
    for number in range(20):
        key = create_volume(host, pool, minimal_volume(f"v{number}"))
        inventory.volumes.forget(key, pool)
        assert inventory.volumes.get(key) is not None
    assert sum(operation.startswith("list") for operation in reader.operations) == 1


def test_volumes_of_an_inactive_pool_are_out_of_sight(host: Host, pool: str) -> None:
    key = create_volume(host, pool, minimal_volume("v"))
    assert host.inventory.volumes.get(key) is not None
    stop_pool(host, pool)
    assert host.inventory.volumes.get(key) is None
    assert host.inventory.volumes.named(pool, "v") is None
    assert host.inventory.volumes.of(pool) == ()


def test_scanning_a_pool_shows_what_came_without_kvmform(host: Host, pool: str) -> None:
    assert host.inventory.volumes.of(pool) == ()
    host.read(
        Operation("create", Kind.HOST),
        lambda connection: connection.pool(pool).createXML(minimal_volume("foreign"), 0),
    )
    refresh_pool(host, pool)
    assert [record.name for record in host.inventory.volumes.of(pool)] == ["foreign"]


def test_snapshots_form_a_tree_with_a_current_one(host: Host, domain: str) -> None:
    for name in ("a", "b"):
        create_snapshot(host, domain, f"<domainsnapshot><name>{name}</name></domainsnapshot>")
    revert_to_snapshot(host, domain, "a")
    create_snapshot(host, domain, "<domainsnapshot><name>c</name></domainsnapshot>")
    records = host.inventory.snapshots.of(domain)
    assert records[0].name == "a"
    assert {(record.name, record.parent, record.current) for record in records} == {
        ("a", None, False),
        ("b", "a", False),
        ("c", "a", True),
    }
    found = host.inventory.snapshots.get(domain, "b")
    assert found is not None
    assert "<domainsnapshot>" in found.xml
    delete_snapshot(host, domain, "a", with_children=True)
    assert host.inventory.snapshots.of(domain) == ()


def test_snapshots_are_read_once(host: Host, domain: str) -> None:
    create_snapshot(host, domain, "<domainsnapshot><name>a</name></domainsnapshot>")
    reader = CountingReader(host)
    inventory = Inventory(reader)
    assert inventory.snapshots.of(domain) is inventory.snapshots.of(domain)
    assert len(reader.operations) == 1


def test_threads_that_read_and_write_at_once_end_with_the_truth(host: Host) -> None:
    problems: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                uuid = define_domain(host, minimal_domain(f"d{number}-{turn}"))
                start_domain(host, uuid)
                found = host.inventory.domains.named(f"d{number}-{turn}")
                assert found is not None
                assert found.state is PowerState.RUNNING
                host.inventory.domains.all()
                power_off_domain(host, uuid)
                undefine_domain(host, uuid)
                assert host.inventory.domains.get(uuid) is None
        except BaseException as problem:  # noqa: BLE001 - told by the main thread
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert host.inventory.domains.all() == ()


def test_work_in_parallel_is_done_once_each() -> None:
    done: list[str] = []
    in_parallel(done.append, [str(number) for number in range(100)])
    assert sorted(done, key=int) == [str(number) for number in range(100)]
    in_parallel(done.append, [])


def test_work_in_parallel_raises_what_failed() -> None:
    def fail(identity: str) -> None:
        if identity == "7":
            raise UnreachableError.of("Cannot connect")

    with pytest.raises(UnreachableError):
        in_parallel(fail, [str(number) for number in range(20)])
