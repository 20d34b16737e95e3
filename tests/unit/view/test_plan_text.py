"""The text of plans and states, made from documents of their JSON form."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvmform.address import parse_instance
from kvmform.product import product
from kvmform.state.model import InstanceState, State, Status
from kvmform.view.columns import cell_width, rule, terminal_columns, wrapped
from kvmform.view.plan_text import plan_text
from kvmform.view.redaction import redact_state
from kvmform.view.state_json import state_document
from kvmform.view.state_text import instance_text, state_text
from kvmform.view.style import Style

PLAIN = Style(color=False)
ANSI = re.compile("\x1b\\[[0-9;]*m")


def edit(*path, disruption="live", before=None, after=None, reason="", replaces=False):
    return {
        "path": list(path),
        "before": before,
        "after": after,
        "after_unknown": False,
        "sensitive": False,
        "disruption": disruption,
        "reason": reason,
        "replaces": replaces,
    }


def change(actions, before, after, *, address="libvirt_volume.disk", disruption="none", edits=(), more=None, **members):
    kind, _, name = address.rpartition("module.m.")[2].partition("[")[0].partition(".")
    form = {
        "actions": actions.split("/"),
        "before": before,
        "after": after,
        "after_unknown": {},
        "before_sensitive": {} if before is not None else False,
        "after_sensitive": {} if after is not None else False,
        "disruption": disruption,
        "edits": list(edits),
    }
    form |= more or {}
    return {"address": address, "mode": "managed", "type": kind, "name": name, "change": form} | members


def document(*changes, drift=(), outputs=None, mode="normal", **members):
    ranks = ["none", "live", "next-boot", "interrupt", "reboot", "replace", "data-loss"]
    worst = max((each["change"]["disruption"] for each in changes), key=ranks.index, default="none")
    return {
        "mode": mode,
        "resource_changes": list(changes),
        "resource_drift": list(drift),
        "output_changes": outputs or {},
        "disruption": worst,
    } | members


def text_of(*changes, columns=78, **members):
    return plan_text(document(*changes, **members), PLAIN, columns)


GROWN = change(
    "update",
    {"id": "/p/disk", "name": "disk", "size": 1, "format": "raw", "pool": "p"},
    {"id": "/p/disk", "name": "disk", "size": 2, "format": "raw", "pool": "p"},
    disruption="live",
    edits=[edit("size", before=1, after=2, reason="it grows in place")],
)


def test_what_a_change_costs_stands_below_its_title_behind_what_differs_and_in_the_sum():
    lines = text_of(GROWN).splitlines()
    at = lines.index("  # libvirt_volume.disk will be updated in-place")
    assert lines[at + 1 :] == [
        "  # (disruption: live)",
        '  ~ resource "libvirt_volume" "disk" {',
        '        id     = "/p/disk"',
        '        name   = "disk"',
        "      ~ size   = 1 -> 2 # live: it grows in place",
        "        # (2 unchanged attributes hidden)",
        "    }",
        "",
        "Plan: 0 to add, 1 to change, 0 to destroy.",
        "Disruption: live. No guest is rebooted, no data is lost.",
        "  1 live: libvirt_volume.disk (size)",
    ]


def test_the_sum_names_the_first_few_of_each_class_and_what_of_them_costs_so_much():
    many = [{**GROWN, "address": f"libvirt_volume.disk[{number}]"} for number in range(7)]
    costly = [edit(name, disruption="reboot") for name in ("memory", "vcpu", "machine", "arch")]
    guest = change(
        "update", {}, {}, address="libvirt_domain.web", disruption="reboot", edits=[*costly, edit("description")]
    )
    new = change("create", None, {"name": "new"}, address="libvirt_volume.new")
    told = text_of(guest, new, *many, columns=200).splitlines()
    assert told[told.index("Plan: 1 to add, 8 to change, 0 to destroy.") :] == [
        "Plan: 1 to add, 8 to change, 0 to destroy.",
        "Disruption: reboot. Guests are shut down gracefully and started again. No data is lost.",
        "  1 reboot: libvirt_domain.web (memory, vcpu, machine, ...)",
        f"  7 live: {', '.join(f'libvirt_volume.disk[{number}] (size)' for number in range(5))}, and 2 more",
    ]


def test_the_sum_does_not_say_that_a_guest_which_is_to_be_off_is_started_again():
    off = [edit("running", after=False, disruption="reboot")]
    web = change("update", {}, {}, address="libvirt_domain.web", disruption="reboot", edits=off)
    assert "\nDisruption: reboot. Guests are shut down gracefully. No data is lost.\n" in text_of(web)
    grown = [edit("memory", disruption="reboot")]
    db = change("update", {}, {}, address="libvirt_domain.db", disruption="reboot", edits=grown)
    said = "gracefully, and those that are to run are started again. No data is lost."
    assert said in text_of(web, db, columns=200)


def test_what_forces_a_replacement_says_so_and_why():
    before, after = {"name": "disk", "pool": "a"}, {"name": "disk", "pool": "b"}
    edits = [edit("pool", disruption="data-loss", replaces=True)]
    replaced = change("delete/create", before, after, disruption="data-loss", edits=edits)
    text = text_of(replaced)
    assert "  # libvirt_volume.disk must be replaced\n" in text
    assert '\n-/+ resource "libvirt_volume" "disk" {\n' in text
    assert re.search(r'~ pool = "a" -> "b" # forces replacement$', text, re.MULTILINE)
    edits[0]["reason"] = "pools can't be left"
    assert "# forces replacement (pools can't be left)\n" in text_of(replaced)
    assert "Plan: 1 to add, 0 to change, 1 to destroy.\nDisruption: data-loss. DATA IS LOST" in text


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (
            change("delete", {"name": "a"}, None, deposed="12ab", action_reason="delete_because_no_resource_config"),
            [
                "  # libvirt_volume.disk (deposed object 12ab) will be destroyed",
                "  # (because libvirt_volume.disk is not in configuration)",
                "  # (left over from a partially-failed replacement of this instance)",
            ],
        ),
        (
            change("delete", {}, None, address="module.m.libvirt_volume.a", module_address="module.m")
            | {"action_reason": "delete_because_no_module"},
            ["  # module.m.libvirt_volume.a will be destroyed", "  # (because module.m is not in configuration)"],
        ),
        (
            change("create", None, {"name": "a"}, more={"resumes": True}),
            [
                "  # libvirt_volume.disk will be created",
                "  # (an earlier apply did not finish it, or it was deleted outside; this goes on from what is there)",
            ],
        ),
        (
            change("forget", {"name": "a"}, None),
            [
                " # libvirt_volume.disk will no longer be managed by kvmform, but will not be destroyed",
                " # (destroy = false is set in the configuration)",
                ' . resource "libvirt_volume" "disk" {',
                '        name = "a"',
            ],
        ),
        (
            change("forget", {"keep": True}, None, action_reason="delete_because_no_resource_config"),
            [
                " # libvirt_volume.disk will no longer be managed by kvmform, but will not be destroyed",
                " # (keep = true is set in the configuration)",
            ],
        ),
        (
            change("create/delete", {"name": "a"}, {"name": "b"}, more={"importing": {"id": "p/a"}}),
            [
                "  # libvirt_volume.disk must be replaced",
                '  # (imported from "p/a")',
                "  # Warning: this will destroy the imported resource",
                '+/- resource "libvirt_volume" "disk" {',
            ],
        ),
        (
            change("no-op", {"name": "a", "size": 1}, {"name": "a", "size": 1}, more={"importing": {"id": "p/a"}}),
            [
                "  # libvirt_volume.disk will be imported",
                '    resource "libvirt_volume" "disk" {',
                '        name = "a"',
                "        size = 1",
            ],
        ),
        (
            change("update", {}, {"name": "a"}, previous_address="libvirt_volume.old"),
            ["  # libvirt_volume.disk will be updated in-place", "  # (moved from libvirt_volume.old)"],
        ),
    ],
)
def test_remarks_on_a_change(given, lines):
    told = text_of(given).splitlines()
    at = told.index(lines[0])
    assert told[at : at + len(lines)] == lines


def test_attributes_of_a_type_that_there_is_not_and_blocks_of_it_are_shown_as_they_are():
    before = {"size": 1, "rule": [{"from": 1}, {"from": 2}], "list": [1], "map": {"a": "b"}}
    text = text_of(change("delete", before, None, address="other_thing.a"))
    assert "      - size = 1 -> null\n\n      - rule {\n          - from = 1 -> null\n        }\n      - rule {" in text


def test_blocks_are_paired_by_what_they_are():
    disk = {"volume_id": "/p/a", "target": "vda"}
    other = {"volume_id": "/p/b", "target": "vdb"}
    edits = [edit("disk", 0, before=other, disruption="reboot", reason="no slot")]
    given = change("update", {"disk": [other, disk]}, {"disk": [disk]}, address="libvirt_domain.a", edits=edits)
    assert (
        "\n      - disk { # reboot: no slot\n"
        '          - target    = "vdb" -> null\n          - volume_id = "/p/b" -> null\n        }\n'
        "\n        # (1 unchanged block hidden)\n"
    ) in text_of(given)


def test_blocks_that_are_known_after_apply():
    given = change("create", None, {"disk": None}, address="libvirt_domain.a", more={"after_unknown": {"disk": True}})
    assert "\n      + disk (known after apply)\n" in text_of(given)


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True)])
def test_that_a_value_becomes_sensitive_or_is_so_no_more_is_said(before, after):
    masks = {"before_sensitive": {"size": before}, "after_sensitive": {"size": after}}
    text = text_of(change("update", {"size": 77}, {"size": 77}, more=masks))
    assert "77" not in text
    said = "will be marked as sensitive and will not" if after else "will no longer be marked as sensitive"
    assert f"      # Warning: this attribute value {said}\n" in text
    assert "after applying this change. The value is unchanged.\n      ~ size = (sensitive value)\n" in text


def test_what_is_sensitive_in_one_block_is_hidden_in_all_of_them():
    """The masks are those of the configuration, whose blocks may be in another order."""
    before = [{"type": "spice", "password": "hush1"}, {"type": "vnc", "password": "hush2"}]
    after = [{"type": "vnc", "password": "hush3"}]
    masks = {name: {"graphics": [{"password": True}]} for name in ("before_sensitive", "after_sensitive")}
    given = change("update", {"graphics": before}, {"graphics": after}, address="libvirt_domain.a", more=masks)
    text = text_of(given)
    assert "hush" not in text
    assert text.count("(sensitive value)") == 2


def test_a_block_that_is_sensitive_as_a_whole_is_not_shown():
    masks = {"after_sensitive": {"disk": [True]}}
    text = text_of(change("create", None, {"disk": [{"file": "hush"}]}, address="libvirt_domain.a", more=masks))
    assert "hush" not in text
    assert "+ disk {\n          # At least one attribute in this block is (or was) sensitive,\n" in text


DRIFT = change("update", {"name": "disk", "size": 1}, {"name": "disk", "size": 2}, edits=[edit("size")])


@pytest.mark.parametrize(
    ("given", "is_told"),
    [
        (document(GROWN, drift=[DRIFT]), True),
        (document(drift=[DRIFT]), False),
        (document({**GROWN, "address": "libvirt_volume.other"}, drift=[DRIFT]), False),
        (
            document(
                {**GROWN, "address": "libvirt_volume.other"},
                drift=[DRIFT],
                relevant_attributes=[{"resource": "libvirt_volume.disk", "attribute": ["size"]}],
            ),
            True,
        ),
        (
            document(
                {**GROWN, "address": "libvirt_volume.other"},
                drift=[{**DRIFT, "address": 'module.m.libvirt_volume.disk["a"]', "module_address": "module.m"}],
                relevant_attributes=[{"resource": "module.m.libvirt_volume.disk", "attribute": []}],
            ),
            True,
        ),
        (document(drift=[DRIFT], mode="refresh-only"), True),
    ],
    ids=[
        "changed back",
        "as it is wanted",
        "nothing to do with it",
        "what is changed depends on it",
        "on any instance of it",
        "refresh only",
    ],
)
def test_what_has_changed_outside_is_told_where_the_plan_has_to_do_with_it(given, is_told):
    text = plan_text(given, PLAIN, 78)
    assert ("\nNote: Objects have changed outside of kvmform\n" in text) is is_told
    assert ("] has changed\n" in text or "disk has changed\n" in text) is is_told


def test_only_what_somebody_changed_is_drift():
    """What changes by itself has no edit."""
    drift = change("update", {"size": 1, "pool": "a"}, {"size": 2, "pool": "A"}, edits=[edit("size")])
    text = text_of(drift=[drift], mode="refresh-only")
    assert "~ size = 1 -> 2\n        # (1 unchanged attribute hidden)" in text
    gone = change("delete", {"size": 1}, None)
    text = text_of(drift=[gone], mode="refresh-only")
    assert (
        '# libvirt_volume.disk has been deleted\n  - resource "libvirt_volume" "disk" {\n      - size = 1 -> null'
        in text
    )
    assert "This is a refresh-only plan" in text


@pytest.mark.parametrize("mode", ["normal", "destroy", "refresh-only"])
def test_no_changes(mode):
    assert text_of(mode=mode).startswith("\nNo changes. ")


PROGRAMS = {
    "tfcmt": [
        r"^Terraform will perform the following actions:$",
        r"^ *# (.*?) will be created$",
        r"^ *# (.*?) will be updated in-place$",
        r"^ *# (.*?) will be destroyed$",
        r"^ *# (.*?)(?: is tainted, so)? must be replaced$",
        r"^ *# (.*?) has moved to (.*?)$",
        r"^ *# (.*?) will be imported$",
    ],
    "terratest": [r"^Plan: (\d+) to import, (\d+) to add, (\d+) to change, (\d+) to destroy\.$"],
    "dflook": [r"Plan: \d+ to", r"Note: Objects have changed outside of Terraform", r"^Changes to Outputs:$"],
    "ansible": [r"- destroy"],
    "Atlantis": [r"Unless you have made equivalent changes to your configuration", "^─{77}$"],
}
"""What programs look for in plans."""


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_find_in_a_plan_what_they_look_for(program):
    changes = [
        change("create", None, {"name": "a"}, address="libvirt_volume.new", disruption="none"),
        {**GROWN, "address": "libvirt_volume.grown"},
        change("delete", {"name": "a"}, None, address="libvirt_volume.gone", disruption="data-loss"),
        change("delete/create", {"name": "a"}, {"name": "b"}, disruption="reboot"),
        change("no-op", {"name": "a"}, {"name": "a"}, previous_address="libvirt_volume.old"),
        change("no-op", {}, {}, address="libvirt_volume.there", more={"importing": {"id": "x"}}),
    ]
    output = {"before": None, "after": 1, "after_unknown": False, "before_sensitive": False, "after_sensitive": False}
    given = document(*changes, drift=[DRIFT], outputs={"a": {"actions": ["create"], **output}})
    text = plan_text(given, Style(color=False, product=product("terraform", {})), 78)
    for pattern in PROGRAMS[program]:
        assert re.search(pattern, text, re.MULTILINE), pattern


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 200])
def test_sentences_are_as_wide_as_the_terminal_and_nothing_else_is_cut(columns):
    name = "x" * 300
    given = change("update", {"name": name}, {"name": "日本" * 100}, disruption="interrupt", edits=[edit("name")])
    lines = text_of(given, drift=[DRIFT], columns=columns).splitlines()
    assert any(line.strip().startswith(f'~ name = "{name}" -> "{"日本" * 100}"') for line in lines)
    assert rule(columns) in lines
    assert len(rule(columns)) == columns - 1
    prose = [line for line in lines if line and line[0].isalpha()]
    whole = ("Unless you have made", "Resource actions", "Plan:", "Note:", "kvmform will perform")
    assert all(cell_width(line) < max(columns, 30) for line in prose if not line.startswith(whole))
    if columns > 100:
        assert any(line.startswith("Disruption: interrupt. Guests keep running but may") for line in prose)


def test_the_width_is_that_of_the_terminal_or_what_is_said_of_it(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    assert terminal_columns() == 78
    monkeypatch.setenv("COLUMNS", "40")
    assert terminal_columns() == 40
    for nonsense in ("", "0", "wide"):
        monkeypatch.setenv("COLUMNS", nonsense)
        assert terminal_columns() == 78


def test_lines_are_broken_by_the_columns_that_they_take():
    assert wrapped("日本 日本 日本", 6) == "日本\n日本\n日本"
    assert wrapped("a b c", 1) == "a b c"
    assert wrapped("  listed as it is", 8) == "  listed as it is"
    assert wrapped("one two three", 8, indent="  ") == "one two\n  three"


@given(st.text(), st.text(), st.text())
@settings(deadline=None)
def test_no_character_reaches_the_terminal_as_a_command(before, after, reason):
    given = change(
        "delete/create",
        {"name": before, before: [before], "xml": [{"xslt": before}]},
        {"name": after, before: {after: before}, "xml": [{"xslt": after}]},
        address='libvirt_domain.a["\x1b[2J"]',
        disruption="live",
        edits=[edit("name", reason=reason)],
        previous_address='libvirt_domain.a["\x9b"]',
    )
    output = {"after_unknown": False, "before_sensitive": False, "after_sensitive": False}
    outputs = {"a": {"actions": ["update"], "before": before, "after": {after: before}, **output}}
    text = text_of(given, outputs=outputs, drift=[given | {"change": given["change"] | {"actions": ["update"]}}])
    assert all(character.isprintable() or character in "\n\t" for character in text)


def test_colours_say_nothing_that_is_not_said():
    changes = [GROWN, change("delete", {"name": "a", "size": None}, None), change("create", None, {"size": 1})]
    changes.append(change("delete/create", {"pool": "a"}, {"pool": "b"}, edits=[edit("pool", replaces=True)]))
    given = document(*changes, drift=[DRIFT])
    colored = plan_text(given, Style(color=True), 78)
    assert colored != (plain := plan_text(given, PLAIN, 78))
    assert ANSI.sub("", colored) == plain


def instance(address, attributes, **members):
    return InstanceState(address=parse_instance(address), provider="p", attributes=attributes, **members)


def test_a_state_is_shown_in_whole_but_for_what_is_sensitive():
    disk = instance("libvirt_volume.a", {"name": "a", "size": 1, "pool": None}, status=Status.TAINTED)
    guest = instance(
        'libvirt_domain.g["x"]',
        {"name": "g", "disk": [{"file": "/f"}], "graphics": [{"type": "vnc", "password": "hush"}]},
        sensitive=frozenset({("graphics", 0, "password")}),
    )
    assert instance_text(disk) == (
        '# libvirt_volume.a: (tainted)\nresource "libvirt_volume" "a" {\n    name = "a"\n    size = 1\n}'
    )
    assert instance_text(guest) == (
        '# libvirt_domain.g["x"]:\nresource "libvirt_domain" "g" {\n    name = "g"\n\n    disk {\n        file = "/f"\n'
        '    }\n\n    graphics {\n        password = (sensitive value)\n        type     = "vnc"\n    }\n}'
    )


def test_what_is_sensitive_by_its_nature_is_hidden_whoever_recorded_it():
    """Older programs do not note it in the state."""
    guest = instance("libvirt_domain.g", {"graphics": [{"type": "vnc", "password": "hush"}, {"password": None}, None]})
    word = instance("random_password.p", {"result": "hush", "bcrypt_hash": None, "length": 4})
    state = State(lineage="x", instances={each.address: each for each in (guest, word)})
    assert "hush" not in state_text(state)
    assert state_text(state, show_sensitive=True).count('"hush"') == 2
    assert "hush" not in str(redact_state(state_document(state)))


def test_an_empty_state_says_so():
    assert state_text(State(lineage="x")) == "The state file is empty. No resources are represented."


def test_a_block_of_which_nothing_is_known_any_more():
    more = {"after_unknown": {"disk": [True, True]}}
    before, after = {"disk": [{"file": "/f", "target": "vda"}]}, {"disk": [None, None]}
    text = text_of(change("update", before, after, address="libvirt_domain.a", more=more))
    assert "\n      ~ disk {\n          + " in text
    assert re.search(r'\n          ~ file +=  *"/f" -> .known after apply.\n', text)
    assert "        } -> (known after apply)\n      + disk (known after apply)\n" in text
