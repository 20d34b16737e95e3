"""`required_providers`: what a module's names for providers stand for, in which versions, and which it is given.

Source: https://developer.hashicorp.com/terraform/language/providers/requirements
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvmform.config.arguments import provider_reference
from kvmform.config.module import Module, ProviderReference
from kvmform.config.override import is_override_file
from kvmform.diagnostics import Diagnostics, SourceRange, error
from kvmform.lang.ast import Attribute, Block, Expression, Literal, Name, ObjectExpression
from kvmform.modules.version import Constraints, parse_constraints

__all__ = ["read_required_providers"]

_ARGUMENTS = ("source", "version", "configuration_aliases")
_NAME = r"[^\W_](?:[^\W_]|-)*(?<!-)"
_PREFIX = "terraform-provider-"


def read_required_providers(block: Block, module: Module, problems: Diagnostics) -> None:
    """Enter what a `terraform` block requires into its module."""
    for inner in (inner for inner in block.body.blocks if inner.type == "required_providers"):
        for unexpected in inner.body.blocks:
            detail = "Blocks are not allowed here. Each provider is an argument: libvirt = { source = … }."
            problems.add(error(f'Unexpected "{unexpected.type}" block', detail, unexpected.type_range))
        if module.required_at is not None and not is_override_file(inner.source.filename.rpartition("/")[2]):
            detail = (
                "A module may have only one required_providers block. The other one is at "
                f"{module.required_at}: put all of it in one."
            )
            problems.add(error("Duplicate required providers configuration", detail, inner.header))
        module.required_at = module.required_at or inner.header
        for attribute in inner.body.attributes.values():
            _check_local_name(attribute, problems)
            _read(attribute, module, problems)


def _check_local_name(attribute: Attribute, problems: Diagnostics) -> None:
    name = attribute.name
    if not re.fullmatch(_NAME, name):
        detail = (
            f'"{name}" is no name for a provider: it may have letters, digits and dashes, and no dash at either end.'
        )
        problems.add(error("Invalid provider local name", detail, attribute.name_range))
    elif name != name.lower():
        detail = f'Names of providers are in lower case: write "{name.lower()}".'
        problems.add(error("Invalid provider local name", detail, attribute.name_range))


def _read(attribute: Attribute, module: Module, problems: Diagnostics) -> None:
    name = attribute.name
    module.local_providers[name] = f"hashicorp/{name}"
    match attribute.expression:
        case ObjectExpression(items=items):
            for item in items:
                _read_argument(name, item.key, item.value, module, problems)
        case Literal(value=value) if value is not None:
            _read_version(name, _text(value), attribute.expression.range, module, problems)
        case expression:
            detail = (
                "An entry of required_providers is an object, { source = …, version = … }, or a version constraint."
            )
            problems.add(error("Invalid required_providers object", detail, expression.range))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read_argument(name: str, key: Expression, value: Expression, module: Module, problems: Diagnostics) -> None:
    match key, value:
        case ((Name(name="source") | Literal(value="source")), Literal(value=str(source))):
            module.local_providers[name] = source
            _check_source(source, value.range, problems)
        case ((Name(name="source") | Literal(value="source")), _):
            problems.add(error("Invalid source", "The source must be a plain string.", value.range))
        case ((Name(name="version") | Literal(value="version")), Literal(value=str(text))):
            _read_version(name, text, value.range, module, problems)
        case ((Name(name="version") | Literal(value="version")), _):
            problems.add(error("Invalid version constraint", "The version must be a plain string.", value.range))
        case ((Name(name="configuration_aliases") | Literal(value="configuration_aliases")), _):
            module.provider_aliases |= set(_aliases(name, value, problems))
        case _:
            detail = (
                f"An entry of required_providers has {', '.join(_ARGUMENTS)} and nothing else. A provider is "
                "configured in a provider block."
            )
            problems.add(error("Invalid required_providers object", detail, key.range))


def _read_version(name: str, text: str, at: SourceRange, module: Module, problems: Diagnostics) -> None:
    constraints: Constraints | None = parse_constraints(text)
    if constraints is None:
        detail = f'"{text}" is no version constraint; one is, for example, "~> 0.7.6" or ">= 0.6, < 0.9".'
        problems.add(error("Invalid version constraint", detail, at))
    else:
        module.provider_versions[name] = constraints


def _check_source(source: str, at: SourceRange, problems: Diagnostics) -> None:
    parts = source.split("/")
    if not source or len(parts) > 3:
        detail = f'"{source}" is no source of a provider: it has the form [HOST/][NAMESPACE/]NAME.'
        problems.add(error("Invalid provider source string", detail, at))
        return
    for what, part in zip(("type", "namespace"), reversed(parts), strict=False):
        if not re.fullmatch(_NAME, part):
            detail = f'The {what} "{part}" may have letters, digits and dashes, and no dash at either end.'
            problems.add(error(f"Invalid provider {what}", detail, at))
            return
    if len(parts) > 1 and parts[-1].startswith(_PREFIX):
        detail = f'"{parts[-1]}" is the name of a repository. The provider in it is "{parts[-1][len(_PREFIX) :]}".'
        problems.add(error("Invalid provider type", detail, at))


def _aliases(name: str, value: Expression, problems: Diagnostics) -> Iterator[ProviderReference]:
    """The `configuration_aliases`: configurations that the module is to be given."""
    for item in getattr(value, "items", (value,)):
        reference = provider_reference(item, problems)
        if reference is not None and reference.name != name:
            detail = f"configuration_aliases lists names of this provider with an alias, as in [{name}.second]."
            problems.add(error("Invalid configuration_aliases value", detail, item.range))
        elif reference is not None:
            yield reference
