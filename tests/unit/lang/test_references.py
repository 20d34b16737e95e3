"""What expressions and bodies refer to."""

from __future__ import annotations

import pytest

from kvmform.lang.parse import parse_config, parse_expression, parse_template
from kvmform.lang.references import Reference, body_references, references


def shown(found: list[Reference]) -> list[str]:
    """`root.step["key"]` for each, with quotes to tell keys that are strings from indexes."""
    return [
        ".".join([item.root, *(step if isinstance(step, str) else f"<{step}>" for step in item.steps)])
        for item in found
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1", []),
        ("var.a", ["var.a"]),
        ("libvirt_domain.web.id", ["libvirt_domain.web.id"]),
        ('libvirt_domain.web["a b"].id', ["libvirt_domain.web.a b.id"]),
        ("libvirt_domain.web[0].disk.1.id", ["libvirt_domain.web.<0>.disk.<1>.id"]),
        ("libvirt_domain.web[count.index].id", ["libvirt_domain.web", "count.index"]),
        ('a[b[c.d].e]["f"]', ["a", "b", "c.d"]),
        ("a[0.5].b", ["a"]),
        ("a[true].b", ["a"]),
        ('a[("b")].c', ["a"]),
        ('a["${b}"].c', ["a", "b"]),
        ("libvirt_domain.web[*].disk[0].id", ["libvirt_domain.web"]),
        ("libvirt_domain.web.*.id[var.n]", ["libvirt_domain.web", "var.n"]),
        ("a[*].b[c.d]", ["a", "c.d"]),
        ("(a.b).c[d]", ["a.b", "d"]),
        ("f(a.b).c[d.e]", ["a.b", "d.e"]),
        ("{a = b, (c) = d, e.f = g}.h", ["b", "c", "d", "e.f", "g"]),
        ("[a, -b, !c, d + e, f ? g : h]", ["a", "b", "c", "d", "e", "f", "g", "h"]),
        ("f(a, g(b)...)", ["a", "b"]),
        ('"${a} %{ if b }${c}%{ else }${d}%{ endif }"', ["a", "b", "c", "d"]),
        ("<<X\n${a.b}\nX\n", ["a.b"]),
        ("a.b == a.b", ["a.b", "a.b"]),
    ],
)
def test_references_in_the_order_of_the_text(text: str, found: list[str]) -> None:
    assert shown(references(parse_expression(text, "x"))) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[for x in y : x.z]", ["y"]),
        ("[for k, v in y : [k, v, w]]", ["y", "w"]),
        ("{for k, v in y : k => v... if v.a && b.c}", ["y", "b.c"]),
        ("[for x in x.y : x]", ["x.y"]),
        ("[for x in y : x] == x", ["y", "x"]),
        ("[for x in [for y in x : y] : y]", ["x", "y"]),
        ("[for x in y : [for z in x.a : z[x.b][q]]]", ["y", "q"]),
        ("[for x in y : x][x]", ["y", "x"]),
        ("[for x in y : a[x].b]", ["y", "a"]),
        ('"%{ for k, v in y }${k}${v.a}${b}%{ endfor }${v}"', ["y", "b", "v"]),
        ('"%{ for x in y }%{ if x }${x.a}%{ endif }%{ endfor }"', ["y"]),
        ("[for var in y : var.a]", ["y"]),
    ],
)
def test_names_that_loops_bind_are_no_references(text: str, found: list[str]) -> None:
    assert shown(references(parse_expression(text, "x"))) == found


def test_names_can_be_bound_from_outside() -> None:
    expression = parse_template("${hostname} ${path.module}", "x.tftpl")
    assert shown(references(expression, frozenset({"hostname"}))) == ["path.module"]


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("x + a.b[0].c", ["x", "a.b[0].c"]),
        ("a.b[c].d", ["a.b", "c"]),
        ("a[*].b", ["a"]),
        ('a [ "b" ] . c', ['a [ "b" ] . c']),
    ],
)
def test_the_range_is_what_the_steps_cover(text: str, covered: list[str]) -> None:
    assert [item.range.text for item in references(parse_expression(text, "x"))] == covered


def in_body(text: str) -> list[str]:
    body, problems = parse_config(text, "main.tf")
    assert problems == []
    return shown(body_references(body))


def test_a_body_refers_to_what_its_arguments_do_and_then_its_blocks() -> None:
    assert in_body('a = b.c\nd "e" {\n f = [g]\n h {\n  i = j.k\n }\n}\nl = m\n') == ["b.c", "m", "g", "j.k"]


def test_the_label_of_a_dynamic_block_is_its_iterator() -> None:
    text = """
    dynamic "disk" {
      for_each = disk.all
      labels   = [disk.key, a]
      content {
        volume = disk.value.id
        size   = b.c
        inner {
          d = disk.key
        }
      }
    }
    """
    assert in_body(text) == ["disk.all", "a", "b.c"]


def test_a_named_iterator_takes_the_place_of_the_label() -> None:
    text = """
    dynamic "disk" {
      for_each = a
      iterator = each_disk
      content {
        b = each_disk.value
        c = disk.value
      }
    }
    """
    assert in_body(text) == ["a", "disk.value"]


def test_iterators_of_outer_dynamic_blocks_are_bound_in_inner_ones() -> None:
    text = """
    dynamic "network" {
      for_each = networks
      content {
        dynamic "host" {
          for_each = network.value.hosts
          content {
            mac = "${network.key}-${host.value}"
          }
        }
        late = host.value
      }
    }
    """
    assert in_body(text) == ["networks", "host.value"]


def test_a_block_called_dynamic_without_a_label_is_a_block() -> None:
    assert in_body("dynamic {\n a = dynamic.b\n}\n") == ["dynamic.b"]
