"""Objects that are like others: what is taken over, what stays one's own, and what of it later changes."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from fake_host import PROVIDERS, SCHEMA, THING, FakeHost
from labs import Lab, actions, changes

from kvmform.diagnostics import DiagnosticError, error
from kvmform.schema import Disruption, Likeness, Object, Observed, Operation, Problem, Row, Schema
from kvmform.struct import replace
from kvmform.values.model import Unknown
from kvmform.values.types import STRING
from kvmform.workspace.catalogue import Catalogue


def _adapted(config: Object, original: Object, taken: Collection[str]) -> Object:
    """A likeness of its own says what it is a likeness of."""
    return config | ({"label": f"like {original['label']}"} if "label" in taken else {})


def _light(written: Object) -> list[Problem]:
    parts = written["part"] if isinstance(written["part"], list) else ()
    heavy = [part for part in parts if isinstance(part["weight"], int) and part["weight"] > 9]
    return [Problem(("part", 0), error("Too heavy", "At most 9."))] if heavy and written["fast"] is True else []


LIKENESS = Likeness(
    argument="like",
    named_by=("id", "name"),
    own=frozenset({("id",), ("name",), ("part", "slot")}),
    once=frozenset({"frame"}),
    adapt=_adapted,
)
TABLE = Schema(
    rows={**SCHEMA.rows, "like": Row(type=STRING, change=Disruption.NONE, doc="What it is like.")},
    doc="A thing that can be like another.",
    rules=(_light,),
    likeness=LIKENESS,
)


def _read(host: FakeHost, prior: Object) -> Observed | None:
    found = THING.read(host, prior)
    return None if found is None else replace(found, object=found.object | {"like": prior.get("like")})


def _create(operation: Operation[FakeHost], planned: Object) -> Object:
    return THING.create(operation, planned) | {"like": planned["like"]}


def _update(operation: Operation[FakeHost], prior: Object, planned: Object, edits: Any) -> Object:
    return THING.update(operation, prior, planned, edits) | {"like": planned["like"]}


def _original(host: FakeHost, meant: str) -> Object | None:
    found = THING.find(host, meant) if THING.find is not None else None
    observed = THING.read(host, found) if found is not None else None
    return None if observed is None else observed.object


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path / "lab")
    kind = replace(THING, schema=TABLE, read=_read, create=_create, update=_update, original=_original)
    lab.catalogue = Catalogue({THING.name: kind}, {}, PROVIDERS, lambda uri, _base: lab.hosts[uri])
    return lab


BASE = """
resource "libvirt_thing" "base" {
  name   = "base"
  size   = 7
  label  = "first"
  secret = "geheim"
  fast   = false
  part {
    name   = "wheel"
    weight = 3
    slot   = "s1"
  }
  frame { kind = "steel" }
}
"""
LIKE = """
resource "libvirt_thing" "like" {
  name = "like"
  like = libvirt_thing.base.id
}
"""


def made(lab: Lab, name: str) -> Object:
    return lab.host.named(name)


def test_what_is_not_written_is_as_in_the_other_but_for_what_is_one_s_own(lab: Lab) -> None:
    lab.applied(BASE + LIKE)
    found = made(lab, "like")
    assert (found["size"], found["fast"], found["label"]) == (7, False, "like first")
    assert [(part["name"], part["weight"], part["slot"]) for part in found["part"]] == [("wheel", 3, "slot-wheel")]
    assert found["frame"] == [{"kind": "steel"}]
    assert lab.plan().is_applyable is False


def test_what_is_written_is_one_s_own_also_a_default_and_no_block_at_all(lab: Lab) -> None:
    lab.applied(BASE + LIKE.replace('"like"\n', '"like"\n  size = 1\n  part = []\n  label = "mine"\n', 1))
    found = made(lab, "like")
    assert (found["size"], found["part"], found["label"]) == (1, [], "mine")
    assert not lab.plan().is_applyable


def test_a_null_is_not_written(lab: Lab) -> None:
    lab.applied(BASE + LIKE.replace('"like"\n', '"like"\n  size = null\n  fast = null\n', 1))
    assert (made(lab, "like")["size"], made(lab, "like")["fast"]) == (7, False)


def test_a_dynamic_block_is_written_even_if_it_makes_nothing(lab: Lab) -> None:
    nothing = 'dynamic "part" {\n    for_each = []\n    content { name = part.value }\n  }'
    lab.applied(BASE + LIKE.replace('"like"\n', f'"like"\n  {nothing}\n', 1))
    assert made(lab, "like")["part"] == []


def test_what_nobody_may_see_of_the_other_nobody_may_see_here(lab: Lab) -> None:
    plan = lab.write(BASE + LIKE).plan()
    like = changes(plan)["libvirt_thing.like"]
    assert like.after is not None
    assert like.after["secret"] == "geheim"
    assert ("secret",) in like.sensitive
    lab.apply()
    states = {str(address): instance for address, instance in lab.state.instances.items()}
    assert ("secret",) in states["libvirt_thing.like"].sensitive


def test_a_mark_travels_with_the_value_that_has_it(lab: Lab) -> None:
    text = 'variable "w" {\n  default = "steel"\n  sensitive = true\n}\n' + BASE.replace('"steel"', "var.w")
    like = changes(lab.write(text + LIKE).plan())["libvirt_thing.like"]
    assert ("frame", 0, "kind") in like.sensitive


def test_a_change_of_the_other_is_one_of_what_is_like_it_but_for_what_was_taken_over_once(lab: Lab) -> None:
    lab.applied(BASE + LIKE)
    plan = lab.write((BASE + LIKE).replace("size   = 7", "size   = 9").replace("steel", "wood")).plan()
    assert actions(plan) == {"libvirt_thing.base": "replace", "libvirt_thing.like": "update"}
    lab.apply()
    assert (made(lab, "like")["size"], made(lab, "like")["frame"]) == (9, [{"kind": "steel"}])
    assert not lab.plan().is_applyable
    lab.apply(replace=("libvirt_thing.like",))
    assert made(lab, "like")["frame"] == [{"kind": "wood"}]
    assert not lab.plan().is_applyable


def test_what_the_other_ignores_is_as_it_is_there(lab: Lab) -> None:
    lab.applied(BASE + LIKE)
    ignoring = BASE.replace("size   = 7", "size   = 9\n  lifecycle { ignore_changes = [size] }")
    assert not lab.write(ignoring + LIKE).plan().is_applyable


def test_what_is_not_known_of_the_other_yet_is_filled_in_when_it_is(lab: Lab) -> None:
    other = 'resource "libvirt_thing" "other" { name = "other" }\n'
    text = other + BASE.replace("size   = 7", "size   = 7\n  uses = [libvirt_thing.other.serial]") + LIKE
    like = changes(lab.write(text).plan())["libvirt_thing.like"]
    assert like.after is not None
    assert like.after["uses"] == [Unknown(STRING)]
    assert "libvirt_thing.other" in like.dependencies
    assert not lab.apply().diagnostics
    assert made(lab, "like")["uses"] == [made(lab, "other")["serial"]]
    assert not lab.plan().is_applyable
    assert not lab.destroy().diagnostics
    assert not lab.host.torn


def test_a_likeness_of_a_likeness(lab: Lab) -> None:
    third = LIKE.replace('"like" {', '"third" {').replace('name = "like"', 'name = "third"\n  size = 2')
    lab.applied(BASE + LIKE + third.replace("libvirt_thing.base.id", "libvirt_thing.like.name"))
    assert made(lab, "third")["size"] == 2
    assert made(lab, "third")["label"] == "like like first"
    assert made(lab, "third")["frame"] == [{"kind": "steel"}]
    assert not lab.plan().is_applyable


def test_another_likeness_with_each_instance(lab: Lab) -> None:
    lab.applied(BASE + LIKE.replace('name = "like"', 'count = 3\n  name = "like${count.index}"'))
    assert {made(lab, f"like{number}")["size"] for number in range(3)} == {7}
    assert not lab.plan(targets=("libvirt_thing.like[1]",)).is_applyable
    assert not lab.plan(refresh=False).is_applyable


FOREIGN = LIKE.replace("libvirt_thing.base.id", '"base"')


def foreign(lab: Lab) -> Lab:
    """A thing on the host that the lab doesn't have."""
    lab.applied(BASE)
    (lab.directory / "terraform.tfstate").unlink()
    return lab


def test_a_thing_that_nobody_declares_is_taken_over_once(lab: Lab) -> None:
    foreign(lab).applied(FOREIGN)
    found = made(lab, "like")
    assert (found["size"], found["label"], found["frame"]) == (7, "like first", [{"kind": "steel"}])
    made(lab, "base")["size"] = 8
    assert not lab.plan().is_applyable
    assert not lab.plan(refresh=False).is_applyable
    found["size"] = 3
    assert actions(lab.plan()) == {"libvirt_thing.like": "update"}
    lab.apply(replace=("libvirt_thing.like",))
    assert made(lab, "like")["size"] == 8
    assert not lab.plan().is_applyable


def test_a_thing_that_nobody_declares_and_that_is_gone_is_not_missed(lab: Lab) -> None:
    foreign(lab).applied(FOREIGN)
    identity = next(key for key, found in lab.host.objects.items() if found["name"] == "base")
    del lab.host.objects[identity]
    assert not lab.plan().is_applyable
    with pytest.raises(DiagnosticError) as caught:
        lab.plan(replace=("libvirt_thing.like",))
    assert "Original not found" in str(caught.value)


def problem(lab: Lab, text: str) -> str:
    with pytest.raises(DiagnosticError) as caught:
        lab.write(text).plan()
    return " ".join(f"{each.summary}: {each.detail}" for each in caught.value.diagnostics)


def test_what_is_wrong_with_an_original_is_told(lab: Lab) -> None:
    assert 'has no libvirt_thing "nobody"' in problem(lab, LIKE.replace("libvirt_thing.base.id", '"nobody"'))
    foreign(lab)
    zeta = BASE.replace('"libvirt_thing" "base"', '"libvirt_thing" "zeta"')
    assert "like = libvirt_thing.zeta.id" in problem(lab, FOREIGN + zeta)
    unknown = LIKE.replace("libvirt_thing.base.id", "libvirt_thing.base.serial")
    (lab.directory / "terraform.tfstate").unlink(missing_ok=True)
    assert "Original not known yet" in problem(lab, BASE + unknown)


def test_rules_are_about_all_of_it(lab: Lab) -> None:
    heavy = BASE.replace("weight = 3", "weight = 10")
    assert "Too heavy" in problem(lab, heavy + LIKE.replace('"like"\n', '"like"\n  fast = true\n', 1))
    assert "Too heavy" in problem(
        lab,
        LIKE.replace("libvirt_thing.base.id", '""').replace(
            '"like"\n', '"like"\n  fast = true\n  part {\n    name = "x"\n    weight = 10\n  }\n', 1
        ),
    )
