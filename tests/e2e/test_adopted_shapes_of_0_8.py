"""Every kind of object that provider 0.8 could make, with the state that it left, is taken over as it is."""

from __future__ import annotations

import json
import random
import re
from contextlib import closing

import libvirt
import pytest
from guest_lab import GuestLab
from inventory import EMPTY
from lab import unboxed
from provider_0_8 import Provider08
from shapes_0_8 import SHAPES, UNDONE
from state_0_8 import StateFile

pytestmark = pytest.mark.libvirt

REFERENCE = re.compile(r"\$\{libvirt_(\w+)\.(\w+)\.(\w+)\}")


def resolved(value, made):
    """A value with what its references mean."""
    match value:
        case dict():
            return {name: resolved(item, made) for name, item in value.items()}
        case list():
            return [resolved(item, made) for item in value]
        case str() if found := REFERENCE.fullmatch(value):
            kind, name, attribute = found.groups()
            return made[kind, name][attribute]
    return value


@pytest.fixture(scope="module")
def lab(host, environment, domain_type, tmp_path_factory):
    lab = GuestLab(tmp_path_factory.mktemp("lab"), environment, host)
    for link in (("hostbr0", "type", "bridge"), ("card0", "type", "veth", "peer", "name", "card1")):
        host.exec_(["ip", "link", "add", *link])
    usual = {"type": domain_type or "kvm", "running": False, "memory": 32}
    state, made, config = StateFile(), {}, {}
    with closing(host.connect()) as connection:
        provider = Provider08(connection, random.Random(8))
        for kind, name, arguments in SHAPES:
            written = (usual if kind == "domain" else {}) | arguments
            real = resolved(written, made) | UNDONE.get((kind, name), {})
            noted = provider.make(kind, **real) | {each: written[each] for each in UNDONE.get((kind, name), ())}
            used = {f"libvirt_{k}.{n}" for k, n, _ in REFERENCE.findall(json.dumps(written))}
            made[kind, name] = state.add(f"libvirt_{kind}.{name}", noted, *used)
            config.setdefault(f"libvirt_{kind}", {})[name] = written
    lab.add(json.dumps({"resource": config}, indent=2), "main.tf.json")
    state.write(lab.directory)
    try:
        yield lab
    finally:
        lab.come_down()


def definitions(host):
    """The XML of every domain and network."""
    with closing(host.connect()) as connection:
        networks = {each.name(): each.XMLDesc() for each in connection.listAllNetworks()}
        domains = {each.name(): each.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) for each in connection.listAllDomains()}
    return networks, domains


def test_the_first_plan_has_only_what_0_8_never_did(lab):
    """Metadata, and a name server that is switched off, it never wrote; other edits it only noted."""
    told = unboxed(lab.kvmform("plan", "-detailed-exitcode", "-out=p", code=2).stdout)
    plan = json.loads(lab.kvmform("show", "-json", "p").stdout)
    changes = {each["address"]: each["change"] for each in plan["resource_changes"]}
    edited = {
        address: {name for name in change["after"] if change["after"][name] != change["before"][name]}
        for address, change in changes.items()
        if change["actions"] != ["no-op"]
    }
    assert edited == {
        "libvirt_domain.described": {"boot_device", "metadata", "video"},
        "libvirt_network.dns_off": {"dns"},
    }
    assert plan["disruption"] == "live"
    assert {each["address"] for each in plan["resource_drift"]} == {"libvirt_domain.described"}
    assert "Warning: Provider 0.8 may never have done this" in told
    assert "libvirt_network.dns_off: dns[0].enabled" in told


def test_applying_it_touches_nothing_else(lab, host):
    networks, domains = definitions(host)
    lab.apply()
    networks_after, domains_after = definitions(host)
    assert {name for name in networks if networks_after[name] != networks[name]} == {"dns-off"}
    assert {name for name in domains if domains_after[name] != domains[name]} == {"described"}
    assert lab.plan_is_empty()
    assert lab.plan_is_empty("-refresh=false")
    assert "Provider 0.8" not in lab.kvmform("plan").stdout


def test_destroy_leaves_nothing(lab):
    lab.destroy()
    assert lab.inventory() == EMPTY
