"""The configuration in plan JSON: what is declared, and what each expression is or refers to.

Source: internal/command/jsonconfig/config.go of Terraform 1.11.
"""

from __future__ import annotations

from typing import Any

from kvmform.config.module import Module, ModuleCall, Output, ResourceBlock, Variable
from kvmform.lang.ast import Expression
from kvmform.lang.evaluate import evaluate
from kvmform.lang.scope import Scope
from kvmform.values.plain import Plain, to_plain
from kvmform.view.expression_json import body_form, expression_form, named
from kvmform.view.known_schema import schema_version
from kvmform.view.providers_json import configuration_key, provider_configurations

__all__ = ["configuration_form", "default_of"]


def configuration_form(root: Module) -> dict[str, Any]:
    """The member `configuration`."""
    providers = {}
    for key, (module, reference, form) in provider_configurations(root).items():
        block = module.providers.get(reference)
        expressions = body_form(block.body) if block is not None else {}
        providers[key] = form | ({"expressions": expressions} if expressions else {})
    form = {"provider_config": providers} if providers else {}
    return form | {"root_module": _module_form(root, root)}


def _module_form(root: Module, module: Module) -> dict[str, Any]:
    """One module; its managed resources come before the data sources."""
    ordered = sorted(module.resources.items(), key=lambda item: (item[0][0] != "managed", item[0]))
    form: dict[str, Any] = {
        "outputs": {name: _output_form(output) for name, output in sorted(module.outputs.items())},
        "resources": [_resource_form(root, module, block) for _, block in ordered],
        "module_calls": {
            name: _call_form(root, module.calls[name], child) for name, child in sorted(module.children.items())
        },
        "variables": {name: _variable_form(variable) for name, variable in sorted(module.variables.items())},
    }
    return _without_empty(form)


def _output_form(output: Output) -> dict[str, Any]:
    form = {
        "sensitive": output.sensitive,
        "ephemeral": output.ephemeral,
        "depends_on": named(output.depends_on),
        "description": output.description,
    }
    return {"expression": expression_form(output.expression), **_without_empty(form)}


def _call_form(root: Module, call: ModuleCall, child: Module) -> dict[str, Any]:
    form = {
        "expressions": {name: expression_form(each.expression) for name, each in call.arguments.items()},
        **_repetition_form(call.count, call.for_each),
        "version_constraint": str(call.constraints),
        "depends_on": named(call.depends_on),
    }
    return {"source": call.source, "module": _module_form(root, child), **_without_empty(form)}


def _variable_form(variable: Variable) -> dict[str, Any]:
    form = {"description": variable.description, "sensitive": variable.sensitive}
    default = {} if variable.default is None else {"default": default_of(variable)}
    return default | _without_empty(form)


def default_of(variable: Variable) -> Plain:
    """A variable's default as it is used: of the variable's type."""
    assert variable.default is not None
    value = evaluate(variable.default, Scope.empty())
    return to_plain(value if variable.constraint is None else variable.constraint.apply(value))[0]


def _resource_form(root: Module, module: Module, block: ResourceBlock) -> dict[str, Any]:
    prefix = "data." if block.mode == "data" else ""
    form: dict[str, Any] = {
        "provisioners": [{"type": p.type, "expressions": body_form(p.body)} for p in block.provisioners],
        "expressions": body_form(block.body),
        **_repetition_form(block.count, block.for_each),
        "depends_on": named(block.depends_on),
    }
    return {
        "address": f"{prefix}{block.type}.{block.name}",
        "mode": block.mode,
        "type": block.type,
        "name": block.name,
        "provider_config_key": configuration_key(root, module, block.provider),
        "schema_version": schema_version(block.mode, block.type),
        **_without_empty(form),
    }


def _repetition_form(count: Expression | None, for_each: Expression | None) -> dict[str, Any]:
    return {
        f"{name}_expression": expression_form(expression)
        for name, expression in (("count", count), ("for_each", for_each))
        if expression is not None
    }


def _without_empty(form: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in form.items() if value not in (False, "", [], {})}
