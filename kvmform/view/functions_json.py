"""What `metadata functions -json` prints: what each function takes and gives.

Source: https://developer.hashicorp.com/terraform/cli/commands/metadata/functions
"""

from __future__ import annotations

from typing import Any

from kvmform.lang.functions import FUNCTIONS
from kvmform.lang.functions.signature import Function, Parameter
from kvmform.values.types import type_to_json

__all__ = ["functions_document"]


def functions_document() -> dict[str, Any]:
    """The signature of each function, under its name with and without `core::`."""
    signatures = {name: _signature_form(FUNCTIONS[name]) for name in sorted(FUNCTIONS)}
    return {"format_version": "1.0", "function_signatures": signatures}


def _signature_form(function: Function) -> dict[str, Any]:
    form: dict[str, Any] = {
        "description": function.description,
        "return_type": type_to_json(function.declared_result),
    }
    if function.parameters:
        form["parameters"] = [_parameter_form(parameter) for parameter in function.parameters]
    if function.variadic is not None:
        form["variadic_parameter"] = _parameter_form(function.variadic)
    return form


def _parameter_form(parameter: Parameter) -> dict[str, Any]:
    nullable = {"is_nullable": True} if parameter.allow_null else {}
    return {"name": parameter.name, **nullable, "type": type_to_json(parameter.type)}
