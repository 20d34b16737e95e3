"""The graph of declarations."""

from __future__ import annotations

import pytest
from configurations import load, problems_of, told

from kvmform.config.dependencies import dependency_graph, reject_cycles, resource_graph

FILES = {
    "main.tf": """
        variable "n" {}
        locals {
          label = "l-${var.n}"
        }
        provider "libvirt" { uri = local.label }
        data "libvirt_thing" "d" { name = libvirt_thing.a.name }
        resource "libvirt_thing" "a" {
          count = var.n
          name  = local.label
        }
        resource "libvirt_thing" "b" {
          name       = data.libvirt_thing.d.name
          uses       = [for thing in libvirt_thing.a : thing.id]
          depends_on = [module.m]
          lifecycle {
            precondition {
              condition     = module.m["x"].out != ""
              error_message = local.label
            }
          }
        }
        module "m" {
          source   = "./m"
          for_each = toset([libvirt_thing.a[0].id])
          given    = var.n
        }
        output "o" {
          value      = module.m[*]
          depends_on = [libvirt_thing.b]
        }
    """,
    "m/main.tf": """
        variable "given" {
          validation {
            condition     = var.given != local.fixed
            error_message = "No."
          }
        }
        locals {
          fixed = "x"
        }
        resource "libvirt_thing" "inner" { name = var.given }
        output "out" { value = libvirt_thing.inner.id }
        output "fixed" { value = local.fixed }
    """,
}


def test_what_each_declaration_needs() -> None:
    graph = dependency_graph(load(FILES))
    needs = {str(node): sorted(map(str, graph.dependencies(node))) for node in graph if node.kind != "close"}
    assert needs == {
        "var.n": [],
        "local.label": ["var.n"],
        "provider.libvirt": ["local.label"],
        "data.libvirt_thing.d": ["libvirt_thing.a"],
        "libvirt_thing.a": ["local.label", "var.n"],
        "libvirt_thing.b": [
            "data.libvirt_thing.d",
            "libvirt_thing.a",
            "local.label",
            "module.m",
            "module.m",
            "module.m.output.out",
        ],
        "module.m": ["libvirt_thing.a"],
        "output.o": ["libvirt_thing.b", "module.m", "module.m"],
        "module.m.var.given": ["module.m", "var.n"],
        "module.m.var.given (validation)": ["module.m", "module.m.local.fixed", "module.m.var.given"],
        "module.m.local.fixed": ["module.m"],
        "module.m.libvirt_thing.inner": ["module.m", "module.m.var.given"],
        "module.m.output.out": ["module.m", "module.m.libvirt_thing.inner"],
        "module.m.output.fixed": ["module.m", "module.m.local.fixed"],
    }


def test_the_end_of_a_module_needs_all_that_is_in_it() -> None:
    graph = dependency_graph(load(FILES))
    (end,) = (node for node in graph if node.kind == "close")
    assert sorted(map(str, graph.dependencies(end))) == [
        "module.m.libvirt_thing.inner",
        "module.m.output.fixed",
        "module.m.output.out",
    ]


def test_everything_comes_after_what_it_needs() -> None:
    graph = dependency_graph(load(FILES))
    order = graph.order()
    place = {node: index for index, node in enumerate(order)}
    assert all(place[node] > place[needed] for node, needed in graph.edges())


def test_the_graph_of_the_resources_alone() -> None:
    found = resource_graph(dependency_graph(load(FILES)))
    assert {(str(a), str(b)) for a, b in found.edges()} == {
        ("data.libvirt_thing.d", "libvirt_thing.a"),
        ("module.m.libvirt_thing.inner", "libvirt_thing.a"),
        ("libvirt_thing.b", "data.libvirt_thing.d"),
        ("libvirt_thing.b", "module.m.libvirt_thing.inner"),
    }


@pytest.mark.parametrize(
    ("text", "circle", "at"),
    [
        ("locals {\n  a = local.a\n}", "local.a → local.a", "main.tf:2,3 a"),
        ("locals {\n  a = local.b\n  b = [local.a]\n}", "local.a → local.b → local.a", "main.tf:2,3 a"),
        (
            (
                'resource "libvirt_thing" "a" { name = libvirt_thing.b.id }\n'
                'resource "libvirt_thing" "b" { name = libvirt_thing.a.id }'
            ),
            "libvirt_thing.a → libvirt_thing.b → libvirt_thing.a",
            'main.tf:1,1 resource "libvirt_thing" "a"',
        ),
        (
            'resource "libvirt_thing" "a" { name = local.x }\nlocals {\n  x = libvirt_thing.a.id\n}',
            "local.x → libvirt_thing.a → local.x",
            "main.tf:3,3 x",
        ),
        (
            'module "m" {\n  source = "./m"\n  x = module.m.y\n}',
            "module.m.var.x → module.m.output.y → module.m.var.x",
            'm/main.tf:1,1 variable "x"',
        ),
        (
            'module "m" {\n  source = "./m"\n  x = 1\n  count = module.m[0].y\n}',
            "module.m → module.m",
            'main.tf:1,1 module "m"',
        ),
        (
            (
                'data "libvirt_thing" "a" {\n  name = "a"\n  depends_on = [data.libvirt_thing.b]\n}\n'
                'data "libvirt_thing" "b" { name = data.libvirt_thing.a.id }'
            ),
            "data.libvirt_thing.a → data.libvirt_thing.b → data.libvirt_thing.a",
            'main.tf:1,1 data "libvirt_thing" "a"',
        ),
        (
            'provider "libvirt" { uri = local.x }\nlocals {\n  x = local.x\n}',
            "local.x → local.x",
            "main.tf:3,3 x",
        ),
    ],
)
def test_what_needs_itself_is_told_as_a_circle(text: str, circle: str, at: str) -> None:
    files = {"main.tf": text, "m/main.tf": 'variable "x" {}\noutput "y" { value = var.x }'}
    root = load(files)
    (diagnostic,) = problems_of(lambda: reject_cycles(dependency_graph(root), root))
    assert told(diagnostic) == f"{at}: Cycle"
    assert f": {circle}. Break the circle" in diagnostic.detail


def test_modules_may_use_each_others_outputs_without_a_circle() -> None:
    files = {
        "main.tf": """
            module "a" {
              source = "./m"
              x      = module.b.fixed
            }
            module "b" {
              source = "./m"
              x      = module.a.y
            }
        """,
        "m/main.tf": 'variable "x" {}\noutput "y" { value = var.x }\noutput "fixed" { value = 1 }',
    }
    root = load(files)
    reject_cycles(dependency_graph(root), root)


def test_a_validation_may_look_at_what_is_made_of_its_variable() -> None:
    text = """
        variable "x" {
          validation {
            condition     = var.x < local.double
            error_message = "No."
          }
        }
        locals {
          double = var.x * 2
        }
    """
    root = load(text)
    reject_cycles(dependency_graph(root), root)
