"""What others defined, as a configuration describes it: it plans empty, and would make the same object."""

import re
from contextlib import closing, contextmanager
from pathlib import Path

import libvirt
import pytest

from kvmform.generation.arguments import Portrayed, arguments_of, complete, proposed
from kvmform.host.host import open_host
from kvmform.plan.change import Action
from kvmform.plan.compare import Subject as Compared
from kvmform.plan.compare import compare
from kvmform.resources.domain.definition import definition_of
from kvmform.resources.domain.escape.escape import settled
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.resources.network.rendering import network_xml
from kvmform.resources.network.resource_type import NETWORK
from kvmform.resources.pool.definition import pool_xml
from kvmform.resources.pool.resource_type import POOL
from kvmform.schema import Block
from kvmform.xml.document import parse_element
from kvmform.xml.owner import Owner
from kvmform.xml.unsaid import unsaid

pytestmark = [pytest.mark.libvirt, pytest.mark.slow]

ALL = Path(__file__).parents[1] / "cases"
CASES = sorted((ALL / "domain").iterdir())
SETTINGS = {"domain_type": "kvm", "base_directory": "."}
NOT_ITSELF = re.compile(r"^uuid|^metadata|(^|/)address/|^devices/console.*/@port")
UNTOLD = {"every-graphics": ["devices/graphics[vnc]/@passwdValidTo = 2030-01-31T12:00:00"]}
"""What libvirt doesn't tell, or kvmform doesn't read."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_domain_is_described_by_what_is_generated_of_it(lab_host, tmp_path, case):
    text = re.sub(r"<kvmform:owner[^>]*/>", "", (case / "expected.xml").read_text())
    with (
        closing(lab_host.connect()) as connection,
        networks_of(text, connection),
        closing(open_host(lab_host.uri, tmp_path)) as host,
    ):
        try:
            domain = connection.defineXML(text)
        except libvirt.libvirtError as problem:
            pytest.skip(f"no such domain on this host: {problem}")
        try:
            original = domain.XMLDesc()
            subject = portrayed(DOMAIN, host, domain.UUIDString())
            arguments = arguments_of(subject)
            assert subject.portrait.notes == tuple(UNTOLD.get(case.name, ()))
            assert edits(DOMAIN, host, arguments, domain.UUIDString()) == ()
        finally:
            undefine(domain)
        again = connection.defineXML(definition_of(host, settled(proposed(subject, arguments)), Owner("", "")))
        try:
            lost = list(unsaid(parse_element(again.XMLDesc()), parse_element(original), NOT_ITSELF))
            assert lost == UNTOLD.get(case.name, [])
        finally:
            undefine(again)


@contextmanager
def networks_of(text, connection):
    """The networks that a domain names are on the host for a while."""
    names = sorted(set(re.findall(r"""<source network=["'](.*?)["']""", text)))
    made = [connection.networkDefineXML(f"<network><name>{name}</name></network>") for name in names]
    try:
        yield
    finally:
        for network in made:
            network.undefine()


NETWORKS = [("network", case) for case in sorted((ALL / "network").iterdir())]
POOLS = [("pool", case) for case in sorted((ALL / "pool").iterdir())]


@pytest.mark.parametrize(("name", "case"), NETWORKS + POOLS, ids=lambda each: getattr(each, "name", each))
def test_so_are_networks_and_pools(lab_host, tmp_path, name, case):
    kind, render = {"network": (NETWORK, network_xml), "pool": (POOL, pool_xml)}[name]
    with closing(lab_host.connect()) as connection:
        define = {"network": connection.networkDefineXML, "pool": connection.storagePoolDefineXML}[name]
        try:
            first = define((case / "expected.xml").read_text())
        except libvirt.libvirtError as problem:
            pytest.skip(f"no such {name} on this host: {problem}")
        subject, arguments = described(kind, lab_host, tmp_path, first)
        second = define(render(settled(proposed(subject, arguments))))
        assert described(kind, lab_host, tmp_path, second)[1] == arguments


def described(kind, lab_host, directory, made):
    """What is generated of an object, which is undefined after that; a plan finds no difference."""
    try:
        with closing(open_host(lab_host.uri, directory)) as host:
            subject = portrayed(kind, host, made.UUIDString())
            arguments = arguments_of(subject)
            assert subject.portrait.notes == ()
            assert edits(kind, host, arguments, made.UUIDString()) == ()
            return subject, arguments
    finally:
        made.undefine()


def test_what_no_argument_says_of_a_network_is_told(lab_host, tmp_path):
    text = "<network><name>last</name><ip address='10.80.0.254' prefix='24'/></network>"
    with closing(lab_host.connect()) as connection, closing(open_host(lab_host.uri, tmp_path)) as host:
        network = connection.networkDefineXML(text)
        try:
            portrait = portrayed(NETWORK, host, network.UUIDString()).portrait
        finally:
            network.undefine()
    assert portrait.notes == ("ip/@address = 10.80.0.254",)


def portrayed(kind, host, uuid):
    empty = {name: [] if isinstance(row, Block) else None for name, row in kind.schema.rows.items()}
    portrait = kind.portray(host, empty | kind.read(host, {"id": uuid}).object)
    return Portrayed(f"{kind.name}.x", kind, portrait, SETTINGS, lambda _: [])


def edits(kind, host, arguments, uuid):
    """What a plan would change of an object that is imported with these arguments."""
    config = complete(kind.schema.rows, arguments)
    observed = kind.read(host, kind.read(host, {**config, "id": uuid}).object)
    comparison = compare(
        kind,
        Compared(
            address=f"{kind.name}.x",
            lineage="00000000-0000-0000-0000-000000000000",
            prior=None,
            observed=observed,
            config=config,
            ignored=(),
            replace="",
            settings=SETTINGS,
            others=lambda _: [],
        ),
    )
    assert comparison.action in {Action.NO_OP, Action.UPDATE}
    return comparison.edits


def undefine(domain):
    domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_NVRAM)
