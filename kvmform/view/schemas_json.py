"""What `providers schema -json` prints: every table in Terraform's form, for editors and linters.

Source: https://developer.hashicorp.com/terraform/cli/commands/providers/schema
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvmform.schema import Block, Row, Schema
from kvmform.schema.provider import ProviderSchemas
from kvmform.schema.row import implied_type
from kvmform.values.types import ListType, type_to_json

__all__ = ["schemas_document"]


def schemas_document(providers: Mapping[str, ProviderSchemas]) -> dict[str, Any]:
    """The tables of providers, by the address of each, `registry.terraform.io/hashicorp/random`."""
    forms = {address: _provider_form(providers[address]) for address in sorted(providers)}
    return {"format_version": "1.0", "provider_schemas": forms}


def _provider_form(found: ProviderSchemas) -> dict[str, Any]:
    form: dict[str, Any] = {"provider": _schema_form(found.provider)}
    for name, schemas in (("resource_schemas", found.resources), ("data_source_schemas", found.data_sources)):
        if schemas:
            form[name] = {kind: _schema_form(schemas[kind]) for kind in sorted(schemas)}
    return form


def _schema_form(schema: Schema) -> dict[str, Any]:
    return {"version": schema.version, "block": _block_form(schema.rows, schema.doc)}


def _block_form(rows: Mapping[str, Row | Block], doc: str) -> dict[str, Any]:
    blocks = {name: row for name, row in sorted(rows.items()) if isinstance(row, Block) and not row.read_only}
    attributes = {name: row for name, row in sorted(rows.items()) if name not in blocks}
    form: dict[str, Any] = {}
    if attributes:
        form["attributes"] = {name: _attribute_form(row) for name, row in attributes.items()}
    if blocks:
        form["block_types"] = {name: _nested_form(block) for name, block in blocks.items()}
    return form | {"description": doc, "description_kind": "plain"}


def _attribute_form(row: Row | Block) -> dict[str, Any]:
    """An attribute; a block that is only read is one too."""
    if isinstance(row, Block):
        row = Row(type=ListType(implied_type(row.rows)), doc=row.doc, read_only=True)
    form: dict[str, Any] = {"type": type_to_json(row.type), "description": row.doc, "description_kind": "plain"}
    if row.required:
        form["required"] = True
    elif not row.read_only:
        form["optional"] = True
    if row.read_only or row.computed:
        form["computed"] = True
    if row.deprecated:
        form["deprecated"] = True
    if row.sensitive:
        form["sensitive"] = True
    return form


def _nested_form(block: Block) -> dict[str, Any]:
    form: dict[str, Any] = {"nesting_mode": "list", "block": _block_form(block.rows, block.doc)}
    if block.min_items:
        form["min_items"] = block.min_items
    if block.max_items is not None:
        form["max_items"] = block.max_items
    return form
