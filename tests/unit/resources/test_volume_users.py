"""Who uses a volume is looked up once for all volumes, and again after something was written."""

import pytest

from kvmform.host.domains import define_domain, undefine_domain
from kvmform.host.host import open_host
from kvmform.host.records import VolumeRecord
from kvmform.host.shelf import Shelf
from kvmform.resources.volume.users import uses_of

DOMAIN = """
<domain type='test'><name>{name}</name><memory>65536</memory><os><type>hvm</type></os><devices>
  <disk type='file'><source file='/v/{name}.img'/><target dev='vda' bus='virtio'/></disk>
  <disk type='volume'><source pool='default' volume='{name}.iso'/><target dev='vdb' bus='virtio'/></disk>
</devices></domain>"""


@pytest.fixture
def host(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield host
    host.close()


def volume(host, name):
    pool = host.inventory.pools.all()[0] if host.inventory.pools.all() else None
    return VolumeRecord(f"/v/{name}", name, f"/v/{name}", pool.uuid if pool else "", "<volume/>")


def users(host, name):
    return [(use.domain.name, use.target) for use in uses_of(host, volume(host, name))]


def test_the_domains_are_looked_through_once_until_one_is_written(host, monkeypatch):
    for name in ("a", "b", "c"):
        define_domain(host, DOMAIN.format(name=name))
    seen = []
    everything = Shelf.all
    monkeypatch.setattr(Shelf, "all", lambda shelf: seen.append(shelf) or everything(shelf))
    assert [users(host, f"{name}.img") for name in ("a", "b", "c", "d")] == [[(n, "vda")] for n in "abc"] + [[]]
    looks = [shelf for shelf in seen if shelf is host.inventory.domains]
    assert len(looks) == 1
    undefine_domain(host, host.inventory.domains.named("b").uuid)
    assert [users(host, f"{name}.img") for name in ("a", "b")] == [[("a", "vda")], []]
    looks = [shelf for shelf in seen if shelf is host.inventory.domains]
    assert len(looks) == 2
