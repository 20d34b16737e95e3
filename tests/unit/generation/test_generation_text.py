"""Generated text says exactly what it was made from, in canonical form."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from kvmform.config.decode import decode
from kvmform.generation.text import Reference, resource_text
from kvmform.lang.evaluate import call_context
from kvmform.lang.format.canonical import canonical_form
from kvmform.lang.parse import parse_config
from kvmform.lang.scope import Scope
from kvmform.schema import Block, Disruption, Row
from kvmform.values.types import BOOL, NUMBER, STRING, ListType, MapType

ROWS: dict[str, Row | Block] = {
    "text": Row(type=STRING, doc=""),
    "count_of": Row(type=NUMBER, doc=""),
    "flag": Row(type=BOOL, doc=""),
    "texts": Row(type=ListType(STRING), doc=""),
    "named": Row(type=MapType(STRING), doc=""),
    "secret": Row(type=STRING, doc="", sensitive=True),
    "part": Block(
        doc="",
        change=Disruption.LIVE,
        rows={"text": Row(type=STRING, doc=""), "inner": Block(doc="", rows={"text": Row(type=STRING, doc="")})},
    ),
}
texts = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",))),
    st.lists(st.sampled_from(["${x}", "%{if}", "$${", "EOT", "  in", "\\n", '"', "\t", "", "a"])).map("\n".join),
)
parts = st.fixed_dictionaries(
    {}, optional={"text": texts, "inner": st.lists(st.fixed_dictionaries({}, optional={"text": texts}), max_size=2)}
)
objects = st.fixed_dictionaries(
    {},
    optional={
        "text": texts,
        "count_of": st.integers(-(2**63), 2**63),
        "flag": st.booleans(),
        "texts": st.lists(texts, max_size=4),
        "named": st.dictionaries(st.text(st.characters(exclude_categories=("Cs",)), min_size=1), texts, max_size=3),
        "part": st.lists(parts, max_size=3),
    },
)


def read(text: str) -> dict[str, object]:
    body, problems = parse_config(text, "generated.tf")
    assert not problems
    (block,) = body.blocks
    return decode(
        block.body, ROWS, Scope(context=call_context(".", lambda: datetime.now(UTC))), block.header, "t"
    ).object


@given(objects)
def test_what_is_read_is_what_was_written(written: dict[str, object]) -> None:
    text = resource_text("t", "x", ROWS, written)
    assert canonical_form(text, "generated.tf") == text
    found = read(text)
    for name, row in ROWS.items():
        expected = written.get(name) or ([] if isinstance(row, Block) else written.get(name))
        assert stripped(found[name]) == stripped(expected), text


def stripped(value: object) -> object:
    """Blocks without what is not written."""
    if isinstance(value, dict):
        return {name: stripped(inner) for name, inner in value.items() if inner not in (None, [])}
    return [stripped(item) for item in value] if isinstance(value, list) else value


def test_how_it_looks() -> None:
    written = {
        "text": "one\ntwo ${three}\n",
        "count_of": 3,
        "texts": ["a" * 50, "b" * 50],
        "named": {"key": "v", "odd key": Reference("libvirt_pool.p.name")},
        "secret": "hidden",
        "part": [{"text": Reference("libvirt_volume.v.id"), "inner": [{}]}, {}],
    }
    assert resource_text("t", "x", ROWS, written, meta="provider = libvirt.b", notes=["more"]) == (
        'resource "t" "x" {\n'
        "  provider = libvirt.b\n"
        "  text     = <<EOT\n"
        "one\n"
        "two $${three}\n"
        "EOT\n"
        "  count_of = 3\n"
        "  texts = [\n"
        f'    "{"a" * 50}",\n'
        f'    "{"b" * 50}",\n'
        "  ]\n"
        "  named = {\n"
        '    key       = "v"\n'
        '    "odd key" = libvirt_pool.p.name\n'
        "  }\n"
        "  secret = null # sensitive\n"
        "\n"
        "  part {\n"
        "    text = libvirt_volume.v.id\n"
        "\n"
        "    inner {}\n"
        "  }\n"
        "\n"
        "  part {}\n"
        "\n"
        "  # more\n"
        "}\n"
    )
