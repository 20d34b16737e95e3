"""The JSON form of the language: the same tree as for the native form."""

from __future__ import annotations

import pytest
from tree_text import body_text, tree_text

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import Body
from kvmform.lang.json_syntax import parse_json_config, with_blocks
from kvmform.lang.parse import parse_config
from kvmform.lang.references import body_references


def read(text: str) -> Body:
    body, problems = parse_json_config(text, "main.tf.json")
    assert problems == []
    return body


def problems(text: str) -> list[tuple[str, str]]:
    """Summary of every error, and the text it points at."""
    return [(p.summary, p.subject.text) for p in parse_json_config(text, "main.tf.json")[1] if p.subject]


@pytest.mark.parametrize(
    ("text", "native"),
    [
        ("{}", ""),
        ('\ufeff{"//": "a comment"}', ""),
        ('[{"locals": {"a": 1}}, {"locals": {"b": 2}}]', "locals {\na = 1\n}\nlocals {\nb = 2\n}\n"),
        ('{"locals": {"a": 1, "//": 2}, "locals": null}', "locals {\na = 1\n}\n"),
        (
            '{"locals": {"a": [1.5, true, null, 2e3], "b": {"c": "d", "${e}": {}}}}',
            'locals {\na = [1.5, true, null, 2e3]\nb = {c = "d", "${e}" = {}}\n}\n',
        ),
        (
            r'{"locals": {"a": "\u00e9 \ud83d\ude00 \" \/", "b": "$${c} ${d} %{ if e }f%{ endif }", "g": "${h}"}}',
            'locals {\na = "é 😀 \\" /"\nb = "$${c} ${d} %{ if e }f%{ endif }"\ng = "${h}"\n}\n',
        ),
        (
            '{"provider": {"libvirt": [{"uri": "a"}, {"uri": "b", "alias": "c"}]}}',
            'provider "libvirt" {\nuri = "a"\n}\nprovider "libvirt" {\nuri = "b"\nalias = "c"\n}\n',
        ),
        (
            '{"variable": {"a": {"type": "list(string)", "validation": {"condition": "${var.a != null}"}}}}',
            'variable "a" {\ntype = list(string)\nvalidation {\ncondition = "${var.a != null}"\n}\n}\n',
        ),
        (
            '{"resource": {"t": {"n": {"depends_on": ["a.b", "c.d[0]"], "provider": "p.q", "count": "${1}"}}}}',
            'resource "t" "n" {\ndepends_on = [a.b, c.d[0]]\nprovider = p.q\ncount = "${1}"\n}\n',
        ),
        (
            '{"resource": [{"t": {"n": {"lifecycle": {"ignore_changes": "all"}}}}, {"t": [{"m": {}}]}]}',
            'resource "t" "n" {\nlifecycle {\nignore_changes = all\n}\n}\nresource "t" "m" {}\n',
        ),
        (
            '{"data": {"t": {"n": {"dynamic": {"d": {"for_each": {}, "iterator": "i", "content": {"a": "${i.b}"}}}}}}}',
            'data "t" "n" {\ndynamic "d" {\nfor_each = {}\niterator = i\ncontent {\na = "${i.b}"\n}\n}\n}\n',
        ),
        (
            '{"module": {"m": {"source": "./m", "providers": {"libvirt": "libvirt.b"}, "a": "${b}"}}}',
            'module "m" {\nsource = "./m"\nproviders = {libvirt = libvirt.b}\na = "${b}"\n}\n',
        ),
        ('{"moved": [{"from": "a.b", "to": "a.c[\\"d\\"]"}]}', 'moved {\nfrom = a.b\nto = a.c["d"]\n}\n'),
        (
            '{"check": {"c": {"data": {"t": {"n": {}}}, "assert": [{"condition": true}, {"condition": false}]}}}',
            'check "c" {\ndata "t" "n" {}\nassert {\ncondition = true\n}\nassert {\ncondition = false\n}\n}\n',
        ),
    ],
)
def test_the_tree_is_that_of_the_native_form(text: str, native: str) -> None:
    body, errors = parse_config(native, "main.tf")
    assert errors == []
    assert body_text(read(text)) == body_text(body)


def test_a_default_is_text_even_if_it_looks_like_a_template() -> None:
    variable = read('{"variable": {"a": {"default": "${b}"}}}').blocks[0]
    assert tree_text(variable.body.attributes["default"].expression) == '"${b}"'


RESOURCE = """{
  "resource": {
    "libvirt_domain": {
      "web": {
        "disk": [{"volume_id": "${a.b}"}, {"file": "x"}],
        "cpu": {"mode": "host"},
        "console": null,
        "metadata": {"disk": {"a": 1}}
      }
    }
  }
}"""


def test_objects_in_a_resource_are_arguments_until_a_schema_calls_them_blocks() -> None:
    resource = read(RESOURCE).blocks[0].body
    assert list(resource.attributes) == ["disk", "cpu", "console", "metadata"]
    unfolded = with_blocks(resource, {"disk", "cpu", "console"})
    assert (
        body_text(unfolded)
        == 'metadata = {"disk" = {"a" = 1}}; disk {volume_id = w(a.b)}; disk {file = "x"}; cpu {mode = "host"}'
    )
    assert with_blocks(resource, {"other"}) is resource


def test_blocks_inside_of_such_blocks_are_found_in_the_same_way() -> None:
    resource = read('{"resource": {"t": {"n": {"a": {"b": [{"c": 1}], "dynamic": {"b": {"content": {}}}}}}}}').blocks[0]
    outer = with_blocks(resource.body, {"a"}).blocks[0]
    assert body_text(with_blocks(outer.body, {"b"})) == 'dynamic "b" {content {}}; b {c = 1}'


def test_native_bodies_are_left_alone() -> None:
    body, _errors = parse_config("disk = [{a = 1}]\n", "main.tf")
    assert with_blocks(body, {"disk"}) is body


def test_an_argument_that_can_be_no_block_is_an_error() -> None:
    resource = read('{"resource": {"t": {"n": {"disk": "x"}}}}').blocks[0]
    with pytest.raises(DiagnosticError, match="Incorrect JSON value type"):
        with_blocks(resource.body, {"disk"})


def test_references_in_strings_are_found() -> None:
    text = '{"locals": {"a": "x ${var.b} ${c.d[\\"e\\"]}", "f": ["${g}"]}}'
    assert [item.root for item in body_references(read(text))] == ["var", "c", "g"]


@pytest.mark.parametrize(
    ("text", "summary", "at"),
    [
        ("", "Invalid JSON", ""),
        ("{", "Invalid JSON", ""),
        ('{"a" 1}', "Invalid JSON", "1"),
        ('{"a": 1,}', "Invalid JSON", "}"),
        ("{a: 1}", "Invalid JSON", "a"),
        ('{"a": [1 2]}', "Invalid JSON", "2"),
        ('{"a": [1,]}', "Invalid JSON", "]"),
        ('{"a": tru}', "Invalid JSON", "t"),
        ('{"a": NaN}', "Invalid JSON", "N"),
        ('{"a": "b', "Invalid JSON", '"'),
        ('{"a": "\\x"}', "Invalid JSON", "\\"),
        ('{"a": "b\n"}', "Invalid JSON", "\n"),
        ("{} {}", "Invalid JSON", "{"),
        ("[" * 20_000, "Invalid JSON", "["),
        ("1", "Incorrect JSON value type", "1"),
        ("[1]", "Incorrect JSON value type", "1"),
        ('{"locals": 1}', "Incorrect JSON value type", "1"),
        ('{"provider": {"a": [2]}}', "Incorrect JSON value type", "2"),
        ('{"variable": "a"}', "Incorrect JSON value type", '"a"'),
        ('{"variable": {}}', "Missing block label", "{}"),
        ('{"resorce": {}}', "Extraneous JSON object property", '"resorce"'),
        ('{"locals": {"a": 1, "a": 2}}', "Attribute redefined", '"a"'),
        ('{"locals": {"a": {"b": 1, "b": 2}}}', "Duplicate object attribute", '"b"'),
        ('{"locals": {"a": "${b"}}', "Unclosed template interpolation sequence", "${"),
        ('{"variable": {"a": {"type": "list("}}}', "Unterminated function call", "("),
    ],
)
def test_errors(text: str, summary: str, at: str) -> None:
    assert problems(text) == [(summary, at)]


def test_all_errors_are_told() -> None:
    text = '{"locals": {"a": "${", "b": "${}"}, "x": 1, "output": {"c": {"value": "${d e}"}}}'
    assert len(problems(text)) == 4


def test_places_in_strings_are_those_in_the_file() -> None:
    text = '{\n  "locals": {\n    "a": "\\u00e9\\ud83d\\ude00 ${b[\\"c\\"] d}"\n  }\n}'
    _body, (problem,) = parse_json_config(text, "main.tf.json")
    assert problem.subject is not None
    first = problem.subject.first
    assert (problem.subject.text, first.line) == ("d", 3)
    line = problem.subject.source.line(first.line)
    assert line[first.column - 1 :] == 'd}"'
    assert problem.subject.filename == "main.tf.json"


def test_a_block_with_labels_points_at_its_last_label() -> None:
    block = read('{"resource": {"t": {"n": {}}}}').blocks[0]
    assert (block.type_range.text, block.header.text) == ('"n"', '"n"')
