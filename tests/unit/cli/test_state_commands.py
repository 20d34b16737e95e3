"""Commands that change the record alone, in Terraform's words (those of 1.11.4, asked with the same lab)."""

import json

import pytest
from command_line import CommandLine

from kvmform.address import parse_instance
from kvmform.state.backends.local import LocalBackend
from kvmform.state.store import StateStore

LAB = """
resource "terraform_data" "a" {
  count = 2
}

resource "terraform_data" "b" {
  input = "x"
}

module "m" {
  source = "./m"
}
"""
MODULE = 'resource "terraform_data" "c" {\n  for_each = toset(["k"])\n}\n'


@pytest.fixture
def lab(tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(MODULE)
    lab = CommandLine(tmp_path).write(LAB)
    lab.run("init")
    lab.run("apply", "-auto-approve")
    return lab


def listed(lab):
    return lab.run("state", "list").split()


def told(said):
    return " ".join(said.replace("│", " ").split())


@pytest.mark.parametrize(
    ("source", "destination", "after"),
    [
        ("terraform_data.b", "terraform_data.bb", {"terraform_data.b": "terraform_data.bb"}),
        ("terraform_data.b", 'terraform_data.b["x"]', {"terraform_data.b": 'terraform_data.b["x"]'}),
        ("terraform_data.a[1]", "terraform_data.q", {"terraform_data.a[1]": "terraform_data.q"}),
        ("terraform_data.a", "terraform_data.z", {f"terraform_data.a[{n}]": f"terraform_data.z[{n}]" for n in (0, 1)}),
        ("terraform_data.b", "module.n[0].terraform_data.b", {"terraform_data.b": "module.n[0].terraform_data.b"}),
        ("module.m", "module.n", {'module.m.terraform_data.c["k"]': 'module.n.terraform_data.c["k"]'}),
    ],
)
def test_what_is_moved_keeps_its_object(lab, source, destination, after):
    before = {address: lab.run("state", "show", address).splitlines()[2:] for address in listed(lab)}
    assert lab.run("state", "mv", "-dry-run", source, destination).startswith("Would move")
    assert sorted(before) == sorted(listed(lab))
    assert "Successfully moved 1 object(s)." in lab.run("state", "mv", source, destination)
    assert set(listed(lab)) == {after.get(address, address) for address in before}
    for old, new in after.items():
        assert lab.run("state", "show", new).splitlines()[2:] == before[old]


@pytest.mark.parametrize(
    ("source", "destination", "words"),
    [
        ("terraform_data.zz", "terraform_data.y", "Cannot move terraform_data.zz: does not match anything"),
        ("terraform_data.a", "null_resource.a", "Cannot move terraform_data.a to null_resource.a: resource types"),
        ("module.m", "terraform_data.x", "Cannot move module.m to terraform_data.x: the target must also be a module."),
        ("terraform_data.b", "module.z", "the target must also be a resource instance."),
        ("terraform_data.a[0]", "terraform_data.a[1]", "Cannot move to terraform_data.a[1]: there is already"),
        ("terraform_data.b", "data.terraform_data.b", "resource types don't match."),
        ("x", "y", "is not an address"),
    ],
)
def test_what_can_not_be_moved_stays(lab, source, destination, words):
    before = listed(lab)
    assert words in told(lab.run("state", "mv", source, destination, code=1))
    assert listed(lab) == before


def test_what_is_removed_is_forgotten_and_kept_in_a_copy(lab):
    said = lab.run("state", "rm", "-dry-run", "terraform_data.a")
    assert said == "Would remove terraform_data.a[0]\nWould remove terraform_data.a[1]\n"
    assert lab.run("state", "rm", "-dry-run", "terraform_data.zz") == "Would have removed nothing.\n"
    said = lab.run("state", "rm", "terraform_data.a[0]", "module.m")
    assert said.endswith("Successfully removed 2 resource instance(s).\n")
    assert listed(lab) == ["terraform_data.a[1]", "terraform_data.b"]
    assert "No matching objects found." in told(lab.run("state", "rm", "terraform_data.a[0]", code=1))
    (copy,) = lab.directory.glob("terraform.tfstate.*.backup")
    assert len(json.loads(copy.read_text())["resources"]) == 3
    assert "Plan: 2 to add, 0 to change, 0 to destroy." in lab.run("plan")


def test_a_tainted_object_is_replaced_and_an_untainted_one_is_not(lab):
    assert lab.run("taint", "terraform_data.b") == "Resource instance terraform_data.b has been marked as tainted.\n"
    assert "terraform_data.b is tainted, so must be replaced" in lab.run("plan")
    assert "has been successfully untainted." in lab.run("untaint", "terraform_data.b")
    assert lab.run("plan", "-detailed-exitcode")
    assert "is not currently tainted" in told(lab.run("untaint", "terraform_data.b", code=1))
    assert "There is no resource instance in the state" in told(lab.run("taint", "terraform_data.a", code=1))
    assert "Warning: No such resource instance" in lab.run("taint", "-allow-missing", "terraform_data.zz")
    assert "cannot be tainted" in told(lab.run("taint", "data.http.x", code=1))


def test_a_state_that_is_pulled_can_be_pushed_again_but_not_over_a_later_one(lab):
    pulled = lab.run("state", "pull")
    assert pulled == (lab.directory / "terraform.tfstate").read_text()
    (lab.directory / "old.json").write_text(pulled)
    lab.run("state", "rm", "terraform_data.b")
    assert "over newer state with serial" in told(lab.run("state", "push", "old.json", code=1))
    lab.run("state", "push", "-force", "old.json")
    assert lab.run("state", "pull") == pulled
    (lab.directory / "other.json").write_text(json.dumps(json.loads(pulled) | {"lineage": "other"}))
    assert "over unrelated state with lineage" in told(lab.run("state", "push", "other.json", code=1))
    assert "cannot be read" in told(lab.run("state", "push", "nowhere.json", code=1))
    assert lab.run("plan", "-detailed-exitcode")


def test_there_is_nothing_to_pull_where_nothing_was_applied(tmp_path):
    assert CommandLine(tmp_path).write(LAB.partition("module")[0]).run("state", "pull") == ""


def test_what_belongs_to_one_provider_can_belong_to_another(lab):
    built_in, other = "terraform.io/builtin/terraform", "registry.terraform.io/x/y"
    assert lab.run("state", "replace-provider", "-auto-approve", "a/b", "c/d") == "No matching resources found.\n"
    said = lab.run("state", "replace-provider", "-auto-approve", built_in, "x/y")
    assert f"    - {built_in}\n    + {other}\n" in said
    assert said.endswith("Successfully replaced provider for 3 resources.\n")
    assert f'provider[\\"{other}\\"]' in lab.run("state", "pull")
    assert "Approval needed" in lab.run("state", "replace-provider", other, built_in, code=1)
    assert "is no provider" in told(lab.run("state", "replace-provider", "-auto-approve", "a//b", "c/d", code=1))


def test_a_local_lock_is_never_taken_away(lab):
    assert "LocalState not locked" in lab.run("force-unlock", "-force", "abc", code=1)


def test_the_old_and_the_new_state_go_where_they_should(lab):
    before = (lab.directory / "terraform.tfstate").read_text()
    lab.run("taint", "-state-out=new.tfstate", "-backup=kept", "terraform_data.b")
    assert (lab.directory / "terraform.tfstate").read_text() == before
    assert '"status": "tainted"' in (lab.directory / "new.tfstate").read_text()
    lab.run("taint", "-backup=kept", "terraform_data.b")
    assert (lab.directory / "kept").read_text() == before
    lab.run("untaint", "-backup=-", "terraform_data.b")
    assert not (lab.directory / "-").exists()


def test_a_pushed_state_stands_alone_where_a_killed_run_had_left_its_journal(lab):
    pulled = lab.run("state", "pull")
    (lab.directory / "old.json").write_text(pulled)
    state = json.loads(pulled)
    journal = lab.directory / "terraform.tfstate.journal"
    store = StateStore.open(LocalBackend(lab.directory / "terraform.tfstate"))
    store.begin()
    store.removed(parse_instance("terraform_data.b"))
    assert journal.exists()
    assert "over newer state with serial" in told(lab.run("state", "push", "old.json", code=1))
    lab.run("state", "push", "-force", "old.json")
    assert not journal.exists()
    assert json.loads(lab.run("state", "pull")) == state


def test_the_list_is_of_what_is_named_or_has_an_id(lab):
    assert lab.run("state", "list", "module.m", "terraform_data.b").split() == [
        "terraform_data.b",
        'module.m.terraform_data.c["k"]',
    ]
    of_one = json.loads(lab.run("show", "-json"))["values"]["root_module"]["resources"][0]
    assert lab.run("state", "list", f"-id={of_one['values']['id']}").split() == ["terraform_data.a[0]"]
    assert lab.run("state", "list", "-id=none") == ""
    assert "Unknown resource" in lab.run("state", "list", "terraform_data.b", "terraform_data.zzz", code=1)


def test_a_file_that_is_not_there_is_not_shown_as_an_empty_state(lab):
    assert "There is no file nothing" in lab.run("show", "nothing", code=1)
    assert "There is no file nothing" in lab.run("show", "-json", "nothing", code=1)
