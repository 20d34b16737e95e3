"""The `terraform` block: where providers come from, and where the state is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvmform.config.files import parse_file
from kvmform.config.module import ProviderReference
from kvmform.diagnostics import Diagnostics, error
from kvmform.lang.ast import Block, Expression, GetAttribute, Literal, Name
from kvmform.modules.version import Constraints, parse_constraints

__all__ = ["local_backend_path", "provider_aliases", "provider_versions", "required_providers"]


def required_providers(block: Block) -> dict[str, str]:
    """Names and source addresses of a `terraform` block's `required_providers`."""
    return {name: _member(value, "source") or f"hashicorp/{name}" for name, value in _required(block)}


def provider_versions(block: Block) -> dict[str, Constraints]:
    """Names and version constraints of a `terraform` block's `required_providers`; unreadable ones are left out."""
    found = {}
    for name, value in _required(block):
        text = value.value if isinstance(value, Literal) else _member(value, "version")
        constraints = parse_constraints(text) if isinstance(text, str) else None
        if constraints is not None:
            found[name] = constraints
    return found


def provider_aliases(block: Block, problems: Diagnostics) -> set[ProviderReference]:
    """The `configuration_aliases` of a `terraform` block's `required_providers`."""
    found = set()
    for name, value in _required(block):
        for item in getattr(value, "items", ()):
            match getattr(item, "key", None):
                case Literal(value="configuration_aliases") | Name(name="configuration_aliases"):
                    found |= set(_aliases(name, item.value, problems))
    return found


def _aliases(name: str, value: Expression, problems: Diagnostics) -> Iterator[ProviderReference]:
    for item in getattr(value, "items", (value,)):
        match item:
            case Name(name=provider) if provider == name:
                yield ProviderReference(name)
            case GetAttribute(object=Name(name=provider), name=alias) if provider == name:
                yield ProviderReference(name, alias)
            case _:
                detail = f"configuration_aliases lists names of this provider with an alias, as in [{name}.second]."
                problems.add(error("Invalid configuration_aliases value", detail, item.range))


def _required(block: Block) -> Iterator[tuple[str, Expression]]:
    for inner in block.body.blocks:
        if inner.type == "required_providers":
            yield from ((name, attribute.expression) for name, attribute in inner.body.attributes.items())


def _member(expression: Expression, name: str) -> str | None:
    """A member of an object that is written down, if it is a plain string."""
    for item in getattr(expression, "items", ()):
        match getattr(item, "key", None), getattr(item, "value", None):
            case Literal(value=key) | Name(name=key), Literal(value=str(text)) if key == name:
                return text
    return None


def local_backend_path(texts: Mapping[str, str]) -> str | None:
    """The `path` of a `backend "local"` block in the files of a root module; None if they don't give one.

    It is needed before anything else is, so what is wrong with the files is not told here.
    """
    for backend in _backends(texts):
        path = backend.body.attributes.get("path")
        match path and path.expression:
            case Literal(value=str(text)) if _is_local(backend):
                return text
    return None


def _backends(texts: Mapping[str, str]) -> Iterator[Block]:
    for name, text in texts.items():
        # Most labs have none, and then nothing is parsed for it.
        if "backend" in text:
            body, _ = parse_file(text, name)
            for block in (outer for outer in body.blocks if outer.type == "terraform"):
                yield from (inner for inner in block.body.blocks if inner.type == "backend")


def _is_local(backend: Block) -> bool:
    return [label.value for label in backend.labels] == ["local"]
