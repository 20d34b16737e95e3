"""Domains that others defined, as a configuration describes them: it plans empty, and would make the same domain."""

import re
from contextlib import closing, contextmanager
from pathlib import Path

import libvirt
import pytest

from kvmform.generation.arguments import Subject, arguments_of, complete, proposed
from kvmform.host.host import open_host
from kvmform.plan.change import Action
from kvmform.plan.compare import Subject as Compared
from kvmform.plan.compare import compare
from kvmform.resources.domain.definition import definition_of
from kvmform.resources.domain.escape.escape import settled
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Block
from kvmform.xml.document import parse_element
from kvmform.xml.owner import Owner
from kvmform.xml.unsaid import unsaid

pytestmark = [pytest.mark.libvirt, pytest.mark.slow]

CASES = sorted((Path(__file__).parents[1] / "cases" / "domain").iterdir())
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
            subject, portrait = portrayed(host, domain.UUIDString())
            arguments = arguments_of(subject)
            assert portrait.notes == tuple(UNTOLD.get(case.name, ()))
            assert edits(host, arguments, domain.UUIDString()) == ()
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


def portrayed(host, uuid):
    empty = {name: [] if isinstance(row, Block) else None for name, row in DOMAIN.schema.rows.items()}
    portrait = DOMAIN.portray(host, empty | DOMAIN.read(host, {"id": uuid}).object)
    return Subject("libvirt_domain.d", DOMAIN, portrait, SETTINGS, lambda _: []), portrait


def edits(host, arguments, uuid):
    """What a plan would change of a domain that is imported with these arguments."""
    config = complete(DOMAIN.schema.rows, arguments)
    observed = DOMAIN.read(host, DOMAIN.read(host, {**config, "id": uuid}).object)
    comparison = compare(
        DOMAIN,
        Compared(
            address="libvirt_domain.d",
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
