"""Bodies of blocks against a schema."""

from __future__ import annotations

from typing import Any

import pytest
from configurations import LAB, problems_of, told
from fake_host import SCHEMA

from kvmform.config.decode import Decoded, decode
from kvmform.config.files import parse_file
from kvmform.diagnostics import Diagnostic
from kvmform.lang.evaluate import call_context
from kvmform.lang.scope import Scope
from kvmform.schema import Block, Row, Schema
from kvmform.values.marks import mark
from kvmform.values.model import SENSITIVE, Unknown
from kvmform.values.types import BOOL, DYNAMIC, NUMBER, STRING

SECRET = frozenset({SENSITIVE})
NAMES = {
    "unknown": Unknown(STRING),
    "anything": Unknown(),
    "secret": mark("s3cret", SECRET),
    "secrets": mark(({"name": "p"},), SECRET),
    "hidden": ({"name": mark("p", SECRET), "weight": 1},),
    "hidden_object": (mark({"name": "p"}, SECRET),),
    "half": ({"name": "p"}, Unknown()),
    "words": ("b", "a"),
    "nothing": None,
}


def decoded(text: str, schema: Schema = SCHEMA, **names: Any) -> Decoded:
    body, problems = parse_file(text, "x.tf")
    assert not problems
    scope = Scope(names={**NAMES, **names}, context=call_context(str(LAB), None))  # type: ignore[arg-type]
    return decode(body, schema.rows, scope, body.source.range(0, 4), "libvirt_thing")


def errors(text: str, schema: Schema = SCHEMA) -> tuple[Diagnostic, ...]:
    return problems_of(lambda: decoded(text, schema))


def test_every_row_is_there_with_its_default() -> None:
    found = decoded('name = "a"')
    assert found.object == {
        "id": None,
        "serial": None,
        "name": "a",
        "size": 1,
        "label": None,
        "uses": None,
        "flags": None,
        "tags": None,
        "fast": None,
        "secret": None,
        "seen": None,
        "part": [],
        "frame": [],
    }


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ('size = "5"', "size", 5),
        ("size = 2.5", "size", 2.5),
        ("size = null", "size", 1),
        ('fast = "true"', "fast", True),
        ("label = 7", "label", "7"),
        ("label = nothing", "label", None),
        ("label = unknown", "label", Unknown(STRING)),
        ("label = anything", "label", Unknown(STRING)),
        ('label = "a-${unknown}"', "label", Unknown(STRING, not_null=True, prefix="a-")),
        ("uses = words", "uses", ["b", "a"]),
        ("flags = words", "flags", ["a", "b"]),
        ("uses = [unknown]", "uses", [Unknown(STRING)]),
        ("tags = { a = 1 }", "tags", {"a": "1"}),
    ],
)
def test_values_are_converted_to_the_type_of_the_row(line: str, name: str, value: object) -> None:
    assert decoded(f'name = "a"\n{line}').object[name] == value


@pytest.mark.parametrize(
    ("text", "problem", "detail"),
    [
        ("", "x.tf:1,1 : Missing required argument", '"name" is required'),
        ("name = null", "x.tf:1,8 null: Missing required argument", "its value is null"),
        ('name = "a"\nsise = 1', "x.tf:2,1 sise: Unsupported argument", 'in libvirt_thing. Did you mean "size"?'),
        ('name = "a"\nsize = "x"', 'x.tf:2,8 "x": Incorrect attribute value type', '"size": a number is required.'),
        (
            'name = "a"\nuses = ["x", {}]',
            'x.tf:2,8 ["x", {}]: Incorrect attribute value type',
            "element 1: string required",
        ),
        ('name = "a"\nid = "x"', 'x.tf:2,6 "x": Value for unconfigurable attribute', "decided when the object"),
        ('name = "a"\nlabel = nope', "x.tf:2,9 nope: Unknown variable", ""),
        ('name = "a"\nsize {}', "x.tf:2,1 size: Unsupported block type", "write size = … with an equals sign"),
        ('name = "a"\nprat {}', "x.tf:2,1 prat: Unsupported block type", 'Did you mean "part"?'),
        ('name = "a"\ndynamic "prat" {}', 'x.tf:2,9 "prat": Unsupported block type', 'Did you mean "part"?'),
        ('name = "a"\ndynamic {}', "x.tf:2,1 dynamic: Unsupported block type", '"dynamic"'),
        ('name = "a"\npart "x" { name = "p" }', 'x.tf:2,6 "x": Extraneous label for part', "no labels"),
        ('name = "a"\npart {}', "x.tf:2,6 {: Missing required argument", '"name" is required'),
        ('name = "a"\npart { nam = 1 }', "x.tf:2,8 nam: Unsupported argument", "in a part block"),
        (
            'name = "a"\nframe { kind = "x" }\nframe { kind = "y" }',
            "x.tf:3,1 frame: Too many frame blocks",
            "No more than 1",
        ),
        (
            'name = "a"\npart = []\npart { name = "p" }',
            "x.tf:3,1 part: Attribute redefined",
            "Write all of it as blocks",
        ),
    ],
)
def test_what_is_wrong_with_a_body(text: str, problem: str, detail: str) -> None:
    diagnostic = errors(text)[0]
    assert told(diagnostic) == problem
    assert detail in diagnostic.detail


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = errors('nme = "a"\nsize = "x"\npart { weight = "y" }\nframe { kind = nope }')
    assert [d.summary for d in found] == [
        "Unsupported argument",
        "Missing required argument",
        "Incorrect attribute value type",
        "Missing required argument",
        "Incorrect attribute value type",
        "Unknown variable",
    ]


MINIMUM = Schema(
    rows={
        "item": Block(rows={"x": Row(type=NUMBER, doc="")}, min_items=2, doc=""),
        "only": Block(rows={"x": Row(type=BOOL, required=True, doc="")}, attribute_form=False, doc=""),
        "any": Row(type=DYNAMIC, doc=""),
        "old": Row(type=STRING, deprecated="any", doc=""),
    },
    doc="",
)


def test_too_few_blocks_and_a_block_that_has_no_old_form() -> None:
    found = errors("item {}\nonly = { x = true }", MINIMUM)
    assert [(d.summary, d.detail) for d in found] == [
        ("Unsupported argument", '"only" is a block in libvirt_thing: write only { … } without the equals sign.'),
        ("Insufficient item blocks", 'At least 2 "item" blocks are required; there are 1.'),
    ]


# Blocks.


def test_blocks_are_lists_of_objects_in_their_order() -> None:
    found = decoded('name = "a"\npart { name = "p" }\npart {\n name = "q"\n weight = 2\n hole { depth = 1 }\n}')
    assert found.object["part"] == [
        {"name": "p", "weight": 0, "slot": None, "hole": []},
        {"name": "q", "weight": 2, "slot": None, "hole": [{"depth": 1}]},
    ]


def test_where_everything_is_written() -> None:
    found = decoded('name = "a"\npart {\n  name = "q"\n  hole {}\n}')
    places = {path: str(at) for path, at in found.ranges.items()}
    assert places == {
        ("name",): "x.tf:1,8",
        ("part", 0): "x.tf:2,1",
        ("part", 0, "name"): "x.tf:3,10",
        ("part", 0, "hole", 0): "x.tf:4,3",
    }
    header = found.ranges["name",]
    assert found.range_of(("part", 0, "slot"), header) == found.ranges["part", 0]
    assert found.range_of(("size",), header) is header


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('part = [{ name = "p" }, { name = "q", weight = "3" }]', [("p", 0), ("q", 3)]),
        ('part = { name = "p" }', [("p", 0)]),
        ('part = tomap({ name = "p" })', [("p", 0)]),
        ('part = tolist([{ name = "p" }])', [("p", 0)]),
        ('part = toset([{ name = "p" }])', [("p", 0)]),
        ("part = []", []),
        ("part = null", []),
        ("part = [for word in words : { name = word }]", [("b", 0), ("a", 0)]),
    ],
)
def test_blocks_written_as_values(text: str, names: list[tuple[str, int]]) -> None:
    found = decoded(f'name = "a"\n{text}')
    assert [(part["name"], part["weight"]) for part in found.object["part"]] == names


def test_blocks_inside_of_values() -> None:
    found = decoded('name = "a"\npart = [{ name = "p", hole = { depth = 2 } }, { name = "q", hole = null }]')
    assert [part["hole"] for part in found.object["part"]] == [[{"depth": 2}], []]


@pytest.mark.parametrize(
    ("text", "summary", "detail"),
    [
        ('part = "p"', "Incorrect attribute value type", '"part" takes an object { … }, or a list of them.'),
        ('part = ["p"]', "Incorrect attribute value type", 'Each element of "part" must be an object'),
        ('part = { name = "p", wieght = 1 }', "Unsupported attribute", 'Did you mean "weight"?'),
        ("part = { weight = 1 }", "Missing required argument", '"name" is required'),
        ('part = { name = "p", weight = "x" }', "Incorrect attribute value type", '"weight": a number is required.'),
        ('part = { name = "p", hole = 3 }', "Incorrect attribute value type", '"hole" takes an object'),
        ('frame = [{ kind = "a" }, { kind = "b" }]', "Too many frame blocks", "No more than 1"),
    ],
)
def test_what_is_wrong_with_blocks_written_as_values(text: str, summary: str, detail: str) -> None:
    diagnostic = errors(f'name = "a"\n{text}')[0]
    assert diagnostic.summary == summary
    assert detail in diagnostic.detail


@pytest.mark.parametrize("text", ["part = anything", "part = half", "part = [anything]"])
def test_blocks_of_which_not_all_is_known(text: str) -> None:
    assert isinstance(decoded(f'name = "a"\n{text}').object["part"], Unknown)


# dynamic.


@pytest.mark.parametrize(
    ("collection", "content", "names"),
    [
        ("words", "name = part.value", ["b", "a"]),
        ("toset(words)", "name = part.key", ["a", "b"]),
        ('{ y = "1", x = "2" }', 'name = "${part.key}${part.value}"', ["x2", "y1"]),
        ('tomap({ y = "1" })', "name = part.key", ["y"]),
        ("[]", "name = part.value", []),
        ('["x"]', "name = part.value\nweight = part.key + 4", ["x"]),
    ],
)
def test_a_dynamic_block_makes_one_block_for_each_element(collection: str, content: str, names: list[str]) -> None:
    text = f'name = "a"\ndynamic "part" {{\nfor_each = {collection}\ncontent {{\n{content}\n}}\n}}'
    assert [part["name"] for part in decoded(text).object["part"]] == names


def test_plain_and_dynamic_blocks_keep_their_order() -> None:
    text = """
        name = "a"
        part { name = "first" }
        dynamic "part" {
          for_each = words
          iterator = word
          content {
            name = word.value
            dynamic "hole" {
              for_each = word.key == 0 ? [1, 2] : []
              content { depth = hole.value + word.key }
            }
          }
        }
        part { name = "last" }
    """
    found = decoded(text)
    assert [part["name"] for part in found.object["part"]] == ["first", "b", "a", "last"]
    assert [[hole["depth"] for hole in part["hole"]] for part in found.object["part"]] == [[], [1, 2], [], []]
    assert str(found.ranges["part", 2]) == "x.tf:4,9"
    assert str(found.ranges["part", 3]) == "x.tf:15,9"


def test_a_dynamic_block_over_something_unknown_makes_all_blocks_of_its_type_unknown() -> None:
    text = 'name = "a"\npart { name = "p" }\ndynamic "part" {\nfor_each = anything\ncontent { name = part.value }\n}'
    assert isinstance(decoded(text).object["part"], Unknown)


def test_the_content_of_a_dynamic_block_is_checked_even_if_its_elements_are_unknown() -> None:
    text = 'name = "a"\ndynamic "part" {\nfor_each = anything\ncontent { nam = part.value }\n}\npart { weight = "x" }'
    assert [d.summary for d in errors(text)] == [
        "Unsupported argument",
        "Missing required argument",
        "Missing required argument",
        "Incorrect attribute value type",
    ]


@pytest.mark.parametrize(
    ("inside", "summary", "detail"),
    [
        ("content {}", "Invalid dynamic block", "needs the argument for_each"),
        ("for_each = []", "Invalid dynamic block", "needs exactly one content block, and this one has 0"),
        ("for_each = []\ncontent {}\ncontent {}", "Invalid dynamic block", "this one has 2"),
        ("for_each = 3\ncontent {}", "Invalid dynamic for_each value", "a value of type number"),
        ("for_each = null\ncontent {}", "Invalid dynamic for_each value", "it is null"),
        ("for_each = []\niterator = a.b\ncontent {}", "Invalid dynamic iterator name", "a single word"),
        ("for_each = []\nforeach = 1\ncontent {}", "Unsupported argument", "a dynamic block"),
        ("for_each = []\ncontent {}\nother {}", "Unsupported block type", "a dynamic block"),
        ("for_each = nope\ncontent {}", "Unknown variable", ""),
    ],
)
def test_what_is_wrong_with_a_dynamic_block(inside: str, summary: str, detail: str) -> None:
    (diagnostic,) = errors(f'name = "a"\ndynamic "part" {{\n{inside}\n}}')
    assert diagnostic.summary == summary
    assert detail in diagnostic.detail


# Sensitive values.


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ('secret = "x"', {("secret",)}),
        ("secret = null", set()),
        ("label = secret", {("label",)}),
        ('label = "a ${secret}"', {("label",)}),
        ("tags = { a = secret, b = 1 }", {("tags", "a")}),
        ("uses = [secret]", {("uses", 0)}),
        ("part { name = secret }", {("part", 0, "name")}),
        ("part = secrets", {("part",)}),
        ("part = hidden", {("part", 0, "name")}),
        ("part = hidden_object", {("part", 0)}),
        ('dynamic "part" {\nfor_each = secrets\ncontent { name = part.value.name }\n}', {("part",)}),
        (
            'dynamic "part" {\nfor_each = hidden\ncontent { name = part.value.name }\n}',
            {("part", 0, "name")},
        ),
    ],
)
def test_which_parts_are_sensitive(text: str, paths: set[tuple[object, ...]]) -> None:
    assert decoded(f'name = "a"\n{text}').sensitive == paths


# JSON.


def test_a_body_in_json_has_blocks_where_the_schema_says_so() -> None:
    text = """{"resource": {"libvirt_thing": {"a": {
        "name": "a", "tags": {"x": "${words[0]}"}, "frame": {"kind": "k"},
        "part": [{"name": "p", "hole": {"depth": 3}}, {"name": "q"}],
        "dynamic": {"part": {"for_each": "${words}", "iterator": "w", "content": {"name": "${w.value}"}}}
    }}}}"""
    body, problems = parse_file(text, "x.tf.json")
    assert not problems
    scope = Scope(names=NAMES, context=call_context(str(LAB), None))  # type: ignore[arg-type]
    block = body.blocks[0]
    found = decode(block.body, SCHEMA.rows, scope, block.header, "libvirt_thing").object
    assert found["tags"] == {"x": "b"}
    assert found["frame"] == [{"kind": "k"}]
    assert sorted(part["name"] for part in found["part"]) == ["a", "b", "p", "q"]
    assert next(part for part in found["part"] if part["name"] == "p")["hole"] == [{"depth": 3}]


def test_a_block_in_json_that_is_neither_object_nor_array() -> None:
    body, _ = parse_file('{"resource": {"libvirt_thing": {"a": {"name": "a", "part": 3}}}}', "x.tf.json")
    block = body.blocks[0]
    found = problems_of(lambda: decode(block.body, SCHEMA.rows, Scope.empty(), block.header, "libvirt_thing"))
    assert next(told(d) for d in found) == "x.tf.json:1,60 3: Incorrect JSON value type"


def test_a_value_of_any_type_keeps_its_own() -> None:
    assert decoded("item {}\nitem {}\nany = [1, { a = true }]", MINIMUM).object["any"] == {
        "value": [1, {"a": True}],
        "type": ["tuple", ["number", ["object", {"a": "bool"}]]],
    }


def test_an_old_form_of_an_argument_is_warned_of() -> None:
    found = decoded("item {}\nitem {}\nold = 1", MINIMUM)
    assert found.object["old"] == "1"
    (warned,) = found.warnings
    assert told(warned) == "x.tf:3,1 old: Argument is deprecated"
    assert "Write any instead" in warned.detail
