"""The escape: laid over the definition, and seen through by all that reads it.

A case is a folder in tests/cases/domain_escape: `written.json` has the arguments, `expected.xml` the definition.
KVMFORM_REGENERATE=1 writes the expected files anew; look at their difference then.
"""

import json
import os
from pathlib import Path

import pytest
from domain_bench import DomainBench, settled
from stylesheets import STYLESHEETS, stylesheet

from kvmform.diagnostics import DiagnosticError
from kvmform.host.domains import define_domain
from kvmform.host.host import open_host
from kvmform.resources.domain.definition import definition_values
from kvmform.resources.domain.escape.escape import escape_of, escaped_xml
from kvmform.resources.domain.escape.rows import check_texts
from kvmform.resources.domain.escape.values import NAMES, template_values
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Disruption
from kvmform.values.model import UNKNOWN, Unknown
from kvmform.xml.document import Document
from kvmform.xml.owner import Owner

CASES = sorted((Path(__file__).parents[2] / "cases" / "domain_escape").iterdir())
OWNER = Owner("lineage", "x")
WEB = {"name": "web", "machine": "q35", "memory": 512, "console": [{"type": "pty", "target_port": "0"}]}
NO_BALLOON = {"overlay": {"devices/memballoon/@model": "none"}}
PLACE = "devices/memballoon/@model"


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield DomainBench(host, tmp_path)
    host.close()


def written(case):
    return json.loads((case / "written.json").read_text())


def definition(bench):
    return Document.parse(bench.host.inventory.domains.get(bench.state["id"]).xml)


def define(bench, document):
    """Past kvmform."""
    define_domain(bench.host, document.text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_definition_is_as_expected(bench, case):
    xml = escaped_xml(bench.host, settled(bench.plan(written(case))), OWNER)
    if os.environ.get("KVMFORM_REGENERATE"):
        (case / "expected.xml").write_text(xml)
    assert xml == (case / "expected.xml").read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_second_plan_is_empty_and_an_update_keeps_what_the_escape_did(bench, case):
    wanted = {**written(case), "network_interface": [], "running": False}
    bench.make(wanted)
    assert bench.look().object == bench.state
    assert bench.changes(wanted) == ()
    effect = bench.state["xml"][0]["effect"]
    wanted |= {"memory": 300}
    assert bench.change(wanted) is Disruption.LIVE
    assert definition(bench).get("memory") in {"300", str(300 * 1024)}
    assert bench.changes(wanted) == ()
    assert {place: bench.state["xml"][0]["effect"][place] for place in effect} == effect


@pytest.mark.parametrize("name", STYLESHEETS)
def test_rows_are_as_written_whatever_a_stylesheet_makes_of_them(bench, name):
    disks = [{"file": "/v/a.qcow2"}, {"file": "/v/b.qcow2"}]
    wanted = {
        **WEB,
        "machine": "pc",
        "disk": disks,
        "graphics": [{"type": "vnc"}],
        "xml": [{"xslt": STYLESHEETS[name]}],
    }
    made = bench.make(wanted)
    assert [disk["target"] for disk in made["disk"]] == ["vda", "vdb"]
    assert made["memory"] == 512
    assert bench.changes(wanted) == ()
    assert bench.change({**wanted, "xml": []}) is Disruption.REBOOT
    assert escape_of(bench.host, bench.state) is None
    assert bench.changes({**wanted, "xml": []}) == ()


def test_a_changed_escape_is_another_definition_of_the_same_domain(bench):
    made = bench.make({**WEB, "xml": [NO_BALLOON]})
    assert definition(bench).get(PLACE) == "none"
    other = {**WEB, "xml": [{"overlay": {"title": "t"}}]}
    [edit, effect] = bench.changes(other)
    assert (edit.path, edit.effect.disruption) == (("xml", 0, "overlay"), Disruption.REBOOT)
    assert isinstance(effect.after, Unknown)
    assert bench.change(other) is Disruption.REBOOT
    assert definition(bench).get(PLACE) == "virtio"
    assert definition(bench).get("title") == "t"
    assert bench.state["id"] == made["id"]
    assert bench.state["xml"][0]["effect"] == {"title": "t"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [({"running": False}, Disruption.LIVE), ({"on_reboot_needed": "next-boot"}, Disruption.NEXT_BOOT)],
)
def test_it_costs_what_any_change_of_the_machine_costs(bench, more, expected):
    bench.make({**WEB, **more})
    assert bench.change({**WEB, **more, "xml": [NO_BALLOON]}) is expected
    assert bench.changes({**WEB, **more, "xml": [NO_BALLOON]}) == ()


def test_what_was_changed_past_kvmform_is_seen_and_brought_back(bench):
    wanted = {**WEB, "xml": [{"overlay": {PLACE: "none", "devices/console": None}}]}
    bench.make(wanted)
    document = definition(bench)
    document.find("devices/memballoon").set("model", "virtio")
    define(bench, document)
    [edit, _effect] = bench.changes(wanted)
    assert (edit.path, edit.before) == (("xml", 0, "overlay"), None)
    bench.change(wanted)
    assert definition(bench).get(PLACE) == "none"
    assert bench.changes(wanted) == ()


def test_rows_that_the_escape_has_nothing_to_do_with_are_compared_as_ever(bench):
    wanted = {**WEB, "xml": [NO_BALLOON], "running": False}
    bench.make(wanted)
    document = definition(bench)
    document.add("", "<title>by hand</title>")
    document.find("os/type").set("machine", "pc")
    define(bench, document)
    assert [edit.path for edit in bench.changes(wanted)] == [("machine",), ("xml", 0, "effect")]


def test_what_the_row_says_is_patched_where_the_escape_says_something_else(bench):
    wanted = {**WEB, "max_memory": 512, "xml": [{"overlay": {"currentMemory": "300", "currentMemory/@unit": "MiB"}}]}
    bench.make(wanted)
    assert bench.state["memory"] == 512
    assert bench.change({**wanted, "memory": 400}) is Disruption.REBOOT
    assert bench.state["memory"] == 400
    assert definition(bench).get("currentMemory") in {"300", str(300 * 1024)}
    assert bench.changes({**wanted, "memory": 400}) == ()


def test_memory_takes_a_boot_where_the_escape_took_the_balloon(bench):
    wanted = {**WEB, "xml": [NO_BALLOON]}
    bench.make(wanted)
    [edit, *_] = bench.changes({**wanted, "memory": 400})
    assert (edit.path, edit.effect.disruption) == (("memory",), Disruption.REBOOT)
    assert edit.effect.reason == "the guest has no balloon"


def test_a_lab_of_provider_0_8_is_taken_over(bench):
    wanted = {**WEB, "machine": "pc", "disk": [{"file": "/v/a.qcow2"}]}
    wanted |= {"xml": [{"xslt": STYLESHEETS["CD-ROM drives on SATA"]}]}
    bench.make(wanted)
    newer = ("on_seed_change", "max_memory", "max_vcpu", "pending", "on_reboot_needed", "shutdown_timeout")
    old = {name: value for name, value in bench.state.items() if name not in newer}
    old["disk"] = [{name: value for name, value in disk.items() if name != "target"} for disk in old["disk"]]
    old["xml"] = [{"xslt": STYLESHEETS["CD-ROM drives on SATA"]}]
    bench.state = old
    assert [edit for edit in bench.changes(wanted) if edit.effect.disruption > Disruption.LIVE] == []


def test_a_recorded_stylesheet_that_can_not_be_carried_out_is_in_nobodys_way(bench):
    bench.make(WEB)
    bench.state = {**bench.state, "xml": [{"xslt": "<xsl:import-was-here/>"}]}
    assert bench.look().object["xml"] == [{"xslt": "<xsl:import-was-here/>"}]
    bench.change({**WEB, "xml": [NO_BALLOON]})
    assert definition(bench).get(PLACE) == "none"
    bench.remove()


@pytest.mark.parametrize(
    ("tag", "escape"),
    [
        ("name", {"overlay": {"name": "other"}}),
        ("uuid", {"overlay": {"uuid": "8d5ad3e6-9b4e-4b7e-a7c0-3fe4f4ff4f4f"}}),
        ("domain", {"template": "<network/>"}),
    ],
)
def test_an_escape_makes_no_other_domain(bench, tag, escape):
    [problem] = bench.check(DOMAIN, {**WEB, "xml": [escape]})
    assert problem.path == ("xml", 0, next(iter(escape)))
    assert tag in problem.diagnostic.detail
    with pytest.raises(DiagnosticError):
        bench.make({**WEB, "xml": [escape]})
    assert bench.recorded == []
    assert list(bench.host.inventory.domains.all()) == []


def test_name_uuid_and_mark_are_put_where_a_template_has_none(bench):
    bench.make(
        {
            **WEB,
            "xml": [{"template": "<domain type='{{ type }}'><memory>65536</memory><os><type>hvm</type></os></domain>"}],
        }
    )
    document = definition(bench)
    assert (document.get("name"), document.get("uuid")) == ("web", bench.state["id"])
    assert document.find("metadata/kvmform:owner") is not None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("xslt", "<x/>", "can't be read"),
        ("overlay", {"a//b": "x"}, '"a//b"'),
        ("template", "<domain>\n{{ memroy }}", "Line 2"),
        ("template", "{% for %}", "Line 1"),
    ],
)
def test_what_is_wrong_by_itself_is_told_by_validate(name, value, words):
    block = dict.fromkeys(("xslt", "overlay", "template", "effect")) | {name: value}
    [problem] = check_texts({"xml": [block]})
    assert problem.path == ("xml", 0, name)
    assert words in problem.diagnostic.detail
    assert list(check_texts({"xml": [block | {name: UNKNOWN}]})) == []


@pytest.mark.parametrize(
    ("template", "display"),
    [
        ("", None),
        ('<xsl:template match="graphics"><graphics type="vnc"/></xsl:template>', "vnc"),
        (
            '<xsl:template match="graphics/@autoport"><xsl:attribute name="port">5999</xsl:attribute></xsl:template>',
            "spice",
        ),
    ],
)
def test_the_display_of_provider_0_8_is_there_for_those_that_make_something_of_it(bench, template, display):
    bench.make({**WEB, "running": False, "xml": [{"xslt": stylesheet(template)}]})
    assert definition(bench).get("devices/graphics/@type") == display
    assert bench.changes({**WEB, "running": False, "xml": [{"xslt": stylesheet(template)}]}) == ()


def test_what_is_written_in_vain_is_told(bench):
    template = "<domain type='{{ type }}'><memory unit='MiB'>{{ memory }}</memory><vcpu>2</vcpu></domain>"
    wanted = {**WEB, "vcpu": 3, "description": "x", "xml": [{"template": template}]}
    assert sorted(problem.path[0] for problem in bench.check(DOMAIN, wanted)) == ["description", "machine", "vcpu"]
    bench.planned.clear()
    assert bench.check(DOMAIN, {**WEB, "xml": [NO_BALLOON]}) == []


def test_what_is_not_known_yet_is_no_problem(bench):
    wanted = {**WEB, "disk": [{"volume_id": UNKNOWN}], "xml": [{"xslt": stylesheet()}]}
    assert bench.check(DOMAIN, wanted) == []
    bench.planned.clear()
    assert bench.check(DOMAIN, {**WEB, "xml": [{"xslt": UNKNOWN}]}) == []
    bench.planned.clear()
    assert bench.check(DOMAIN, {**WEB, "xml": [{"overlay": {"name": UNKNOWN}}]}) == []


def test_a_template_gets_all_that_it_is_told_it_gets(bench):
    values = definition_values(bench.host, settled(bench.plan(WEB)))
    assert template_values(values).keys() == NAMES
