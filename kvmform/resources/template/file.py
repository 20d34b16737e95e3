"""`template_file`: a text made of a template and values; a data source, and in old labs a resource.

Source: https://registry.terraform.io/providers/hashicorp/template, version 2.2.
"""

from __future__ import annotations

import hashlib

from kvmform.resources.recorded import chosen, made, recorded_type, remake
from kvmform.resources.template.rendering import render
from kvmform.schema import DataSource, Object, Operation, Reading, Row, Schema
from kvmform.values.types import STRING, MapType

__all__ = ["DATA_SOURCE", "RESOURCE"]

_SCHEMA = Schema(
    doc="A text made of a template and values. The function `templatefile` does the same.",
    rows={
        "id": made(STRING, "SHA-256 checksum of `rendered`."),
        "template": Row(
            type=STRING,
            doc='The template itself, mostly read from a file: `file("${path.module}/cloud_init.cfg")`.',
            change=remake,
        ),
        "vars": chosen(MapType(STRING), "Values of the variables in the template."),
        "rendered": made(STRING, "The text."),
    },
)


def _read(reading: Reading[None], config: Object) -> Object:
    text = config["template"] or ""
    rendered = render(text, config["vars"], reading.base_directory, "<template_file>")
    return {**config, "id": hashlib.sha256(rendered.encode()).hexdigest(), "rendered": rendered}


def _create(operation: Operation[None], planned: Object) -> Object:
    return _read(Reading(None, operation.base_directory), planned)


DATA_SOURCE: DataSource[None] = DataSource(name="template_file", schema=_SCHEMA, read=_read, needs_host=False)

RESOURCE = recorded_type("template_file", _SCHEMA, _create)
