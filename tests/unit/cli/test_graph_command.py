"""`graph`: what Terraform 1.11.4 draws of the same lab; of all that is declared, but for providers and a root node."""

import shutil

import pytest
from client_cases import LAB
from lab import environment_for
from quick_lab import QuickLab

RESOURCES = """
digraph G {
  rankdir = "RL";
  node [shape = rect, fontname = "sans-serif"];
  "terraform_data.each" [label="terraform_data.each"];
  "terraform_data.web" [label="terraform_data.web"];
  subgraph "cluster_module.child" {
    label = "module.child"
    fontname = "sans-serif"
    "module.child.terraform_data.inner" [label="terraform_data.inner"];
  }
}
"""
DECLARATIONS = """
digraph {
\tcompound = "true"
\tnewrank = "true"
\tsubgraph "root" {
\t\t"[root] module.child.terraform_data.inner (expand)" [label = "module.child.terraform_data.inner", shape = "box"]
\t\t"[root] terraform_data.each (expand)" [label = "terraform_data.each", shape = "box"]
\t\t"[root] terraform_data.web (expand)" [label = "terraform_data.web", shape = "box"]
\t\t"[root] var.name" [label = "var.name", shape = "note"]
\t\t"[root] var.names" [label = "var.names", shape = "note"]
\t\t"[root] var.password" [label = "var.password", shape = "note"]
\t\t"[root] var.sizes" [label = "var.sizes", shape = "note"]
\t\t"[root] module.child (close)" -> "[root] module.child.output.inner (expand)"
\t\t"[root] module.child.output.inner (expand)" -> "[root] module.child.terraform_data.inner (expand)"
\t\t"[root] module.child.terraform_data.inner (expand)" -> "[root] module.child.var.name (expand)"
\t\t"[root] module.child.var.name (expand)" -> "[root] module.child (expand)"
\t\t"[root] module.child.var.name (expand)" -> "[root] var.name"
\t\t"[root] output.name (expand)" -> "[root] terraform_data.web (expand)"
\t\t"[root] output.names (expand)" -> "[root] var.names"
\t\t"[root] output.password (expand)" -> "[root] var.password"
\t\t"[root] terraform_data.each (expand)" -> "[root] var.name"
\t\t"[root] terraform_data.each (expand)" -> "[root] var.names"
\t\t"[root] terraform_data.each (expand)" -> "[root] var.sizes"
\t\t"[root] terraform_data.web (expand)" -> "[root] var.name"
\t}
}
"""


@pytest.fixture
def lab(tmp_path):
    shutil.copytree(LAB, tmp_path, dirs_exist_ok=True)
    return QuickLab(tmp_path, environment_for("test:///default"))


def drawn(lab, *words):
    return lab.kvmform("graph", *words).stdout


def test_resources_are_drawn_with_their_modules_as_frames(lab):
    assert sorted(drawn(lab).splitlines()) == sorted(RESOURCES.strip().splitlines())


@pytest.mark.parametrize("kind", ["plan", "plan-refresh-only", "plan-destroy", "apply"])
def test_everything_that_is_declared_is_drawn_where_a_type_is_given(lab, kind):
    assert sorted(drawn(lab, f"-type={kind}").splitlines()) == sorted(DECLARATIONS.strip().splitlines())


def test_the_configuration_of_a_saved_plan_is_drawn_whatever_has_become_of_it(lab):
    before = drawn(lab, "-type=plan")
    lab.kvmform("plan", "-out=saved")
    lab.add('resource "terraform_data" "later" {}\n', "later.tf")
    assert drawn(lab, "-plan=saved") == before
    assert "later" in drawn(lab)


def test_a_type_that_there_is_not_is_told_of(lab):
    assert "-type is one of plan, plan-refresh-only, plan-destroy, apply" in lab.fails("graph", "-type=legacy")
