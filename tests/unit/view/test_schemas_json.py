"""Schemas and signatures as programs read them, in Terraform's forms."""

from __future__ import annotations

import json
from pathlib import Path

from kvmform.schema import Block, Row, Schema
from kvmform.schema.provider import ProviderSchemas
from kvmform.values.types import NUMBER, STRING, ListType
from kvmform.view.functions_json import functions_document
from kvmform.view.schemas_json import schemas_document
from kvmform.workspace.catalogue import installed

SIGNATURES = Path(__file__).parents[2] / "oracle" / "function_signatures.json"


def test_every_function_takes_and_gives_what_terraforms_does():
    ours = functions_document()["function_signatures"]
    theirs = json.loads(SIGNATURES.read_text())
    assert ours.keys() == theirs.keys()
    assert all(form["description"] for form in ours.values())
    differing = {
        name: form for name, form in ours.items() if form | {"description": ""} != theirs[name] | {"description": ""}
    }
    assert differing == {}


def test_rows_and_blocks_are_told_in_terraforms_form():
    schema = Schema(
        rows={
            "id": Row(type=STRING, doc="The id.", read_only=True),
            "name": Row(type=STRING, doc="The name.", required=True),
            "size": Row(type=NUMBER, doc="The size.", computed=True),
            "words": Row(type=ListType(STRING), doc="Words.", sensitive=True, deprecated="names"),
            "disk": Block(rows={"url": Row(type=STRING, doc="Where.")}, doc="A disk.", min_items=1, max_items=2),
        },
        doc="A thing.",
        version=3,
    )
    plain = {"description_kind": "plain"}
    found = schemas_document({"example.org/a/b": ProviderSchemas(Schema(rows={}, doc="B."), {"b_thing": schema})})
    assert found == {
        "format_version": "1.0",
        "provider_schemas": {
            "example.org/a/b": {
                "provider": {"version": 0, "block": {"description": "B.", **plain}},
                "resource_schemas": {
                    "b_thing": {
                        "version": 3,
                        "block": {
                            "attributes": {
                                "id": {"type": "string", "description": "The id.", **plain, "computed": True},
                                "name": {"type": "string", "description": "The name.", **plain, "required": True},
                                "size": {
                                    "type": "number",
                                    "description": "The size.",
                                    **plain,
                                    "optional": True,
                                    "computed": True,
                                },
                                "words": {
                                    "type": ["list", "string"],
                                    "description": "Words.",
                                    **plain,
                                    "optional": True,
                                    "deprecated": True,
                                    "sensitive": True,
                                },
                            },
                            "block_types": {
                                "disk": {
                                    "nesting_mode": "list",
                                    "block": {
                                        "attributes": {
                                            "url": {
                                                "type": "string",
                                                "description": "Where.",
                                                **plain,
                                                "optional": True,
                                            }
                                        },
                                        "description": "A disk.",
                                        **plain,
                                    },
                                    "min_items": 1,
                                    "max_items": 2,
                                }
                            },
                            "description": "A thing.",
                            **plain,
                        },
                    }
                },
            }
        },
    }


def test_every_type_is_in_the_schemas_of_a_provider():
    catalogue = installed()
    told = schemas_document(catalogue.by_provider())["provider_schemas"].values()
    assert {name for form in told for name in form.get("resource_schemas", ())} == set(catalogue.types)
    assert {name for form in told for name in form.get("data_source_schemas", ())} == set(catalogue.data_sources)
