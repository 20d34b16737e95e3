"""The configuration in plan JSON: what each expression is, or what it refers to."""

from __future__ import annotations

from typing import Any

from kvmform.config.module import Module, ResourceBlock
from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import Body, Expression
from kvmform.lang.evaluate import evaluate
from kvmform.lang.references import references
from kvmform.lang.scope import Scope
from kvmform.values.plain import to_plain
from kvmform.view.providers_json import configuration_key, provider_configurations

__all__ = ["configuration_form"]


def configuration_form(root: Module) -> dict[str, Any]:
    """The member `configuration`."""
    providers = {}
    for key, (module, reference, form) in provider_configurations(root).items():
        block = module.providers.get(reference)
        expressions = _body_form(block.body) if block is not None else {}
        providers[key] = form | ({"expressions": expressions} if expressions else {})
    return {"provider_config": providers, "root_module": _module_form(root, root)}


def _module_form(root: Module, module: Module) -> dict[str, Any]:
    form: dict[str, Any] = {}
    if module.outputs:
        form["outputs"] = {
            output.name: {"expression": _expression_form(output.expression), "sensitive": output.sensitive}
            for output in module.outputs.values()
        }
    if module.resources:
        form["resources"] = [_resource_form(root, module, block) for _, block in sorted(module.resources.items())]
    if module.children:
        form["module_calls"] = {
            name: {
                "source": module.calls[name].source,
                "expressions": {k: _expression_form(a.expression) for k, a in module.calls[name].arguments.items()},
                "module": _module_form(root, child),
            }
            for name, child in sorted(module.children.items())
        }
    if module.variables:
        form["variables"] = {
            name: {"description": v.description} if v.description else {} for name, v in module.variables.items()
        }
    return form


def _resource_form(root: Module, module: Module, block: ResourceBlock) -> dict[str, Any]:
    prefix = "data." if block.mode == "data" else ""
    form: dict[str, Any] = {
        "address": f"{prefix}{block.type}.{block.name}",
        "mode": block.mode,
        "type": block.type,
        "name": block.name,
        "provider_config_key": configuration_key(root, module, block.provider),
        "schema_version": 0,
    }
    if expressions := _body_form(block.body):
        form["expressions"] = expressions
    if block.provisioners:
        form["provisioners"] = [{"type": p.type, "expressions": _body_form(p.body)} for p in block.provisioners]
    if block.count is not None:
        form["count_expression"] = _expression_form(block.count)
    if block.for_each is not None:
        form["for_each_expression"] = _expression_form(block.for_each)
    return form


def _body_form(body: Body) -> dict[str, Any]:
    form: dict[str, Any] = {name: _expression_form(a.expression) for name, a in body.attributes.items()}
    for block in body.blocks:
        if block.type == "dynamic":
            continue
        form.setdefault(block.type, []).append(_body_form(block.body))
    return form


def _expression_form(expression: Expression) -> dict[str, Any]:
    found: list[str] = []
    for reference in references(expression):
        steps = [reference.root, *(str(step) for step in reference.steps)]
        found.extend(".".join(steps[:length]) for length in range(len(steps), min(len(steps), 2) - 1, -1))
    if found:
        return {"references": list(dict.fromkeys(found))}
    try:
        return {"constant_value": to_plain(evaluate(expression, Scope.empty()))[0]}
    except DiagnosticError:
        return {}
