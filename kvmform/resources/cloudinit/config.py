"""`cloudinit_config`: cloud-init's user data in several parts; a data source, and in old labs a resource.

Source: https://registry.terraform.io/providers/hashicorp/cloudinit, version 2.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvmform.diagnostics import error
from kvmform.resources.cloudinit.mime import (
    DEFAULT_BOUNDARY,
    DEFAULT_CONTENT_TYPE,
    Encoding,
    checksum,
    is_boundary,
    render_parts,
)
from kvmform.resources.recorded import chosen, made, recorded_type, remake
from kvmform.schema import (
    Block,
    DataSource,
    Object,
    Operation,
    Problem,
    Reading,
    ResourceType,
    Row,
    Schema,
)
from kvmform.values.types import BOOL, STRING

__all__ = ["DATA_SOURCE", "RESOURCE", "config_schema", "read_config", "resource_of"]


def _check_encoding(written: Object) -> Iterator[Problem]:
    if written["gzip"] is True and written["base64_encode"] is False:
        detail = "Expected base64_encode to be set to true when gzip is true."
        yield Problem(("base64_encode",), error("Invalid Attribute Configuration", detail))


def _check_boundary(written: Object) -> Iterator[Problem]:
    boundary = written["boundary"]
    if isinstance(boundary, str) and not is_boundary(boundary):
        detail = (
            f'"{boundary}" can\'t separate the parts of a message: a boundary has 1 to 70 letters, digits and '
            "characters of '()+_,-./:=? (RFC 2046, 5.1.1)."
        )
        yield Problem(("boundary",), error("Invalid Attribute Value", detail))


def config_schema(doc: str, content_type: str, unwritten: str | None, more: Mapping[str, Row]) -> Schema:
    """The table of such a type.

    Args:
        doc: what it is.
        content_type: what is recorded of a part that doesn't say its own.
        unwritten: what is recorded of the other arguments of a part where they are not written.
        more: further rows.
    """
    parts = Block(
        doc="One part, in their order.",
        min_items=1,
        change=remake,
        rows={
            "content": chosen(STRING, "What is in the part.", required=True),
            "content_type": chosen(
                STRING,
                f"MIME type: `text/cloud-config`, `text/x-shellscript` and so on; `{DEFAULT_CONTENT_TYPE}` if "
                "nothing is written.",
                default=content_type,
            ),
            "filename": chosen(STRING, "Name of the part as a file.", default=unwritten),
            "merge_type": chosen(
                STRING, "How cloud-init merges the part with those before it (`X-Merge-Type`).", default=unwritten
            ),
        },
    )
    rows: dict[str, Row | Block] = {
        "id": made(STRING, "CRC-32 of `rendered`."),
        "gzip": chosen(BOOL, "Whether it is compressed.", default=True),
        "base64_encode": chosen(BOOL, "Whether it is in base64; it must be where it is compressed.", default=True),
        "rendered": made(STRING, "The user data."),
        **more,
        "part": parts,
    }
    rules = (_check_encoding, _check_boundary) if "boundary" in more else (_check_encoding,)
    return Schema(doc=doc, rows=rows, rules=rules)


def read_config(_reading: Reading[None], config: Object) -> Object:
    """The object with its text; a boundary that the type doesn't have is the usual one."""
    encoding = Encoding(gzip=config["gzip"], base64=config["base64_encode"])
    rendered = render_parts(config["part"], config.get("boundary", DEFAULT_BOUNDARY), encoding)
    return {**config, "id": checksum(rendered), "rendered": rendered}


def resource_of(source: DataSource[None]) -> ResourceType[None]:
    """The resource that does what such a data source does, and keeps it."""

    def create(operation: Operation[None], planned: Object) -> Object:
        return source.read(Reading(None, operation.base_directory), planned)

    return recorded_type(source.name, source.schema, create)


_SCHEMA = config_schema(
    "User data for cloud-init in several parts, as one MIME message.",
    DEFAULT_CONTENT_TYPE,
    None,
    {"boundary": chosen(STRING, "What separates the parts; none of them may have it.", default=DEFAULT_BOUNDARY)},
)

DATA_SOURCE: DataSource[None] = DataSource(name="cloudinit_config", schema=_SCHEMA, read=read_config, needs_host=False)
RESOURCE = resource_of(DATA_SOURCE)
