"""What a `terraform` block asks of the program that reads it.

Such settings never stop a lab that would work: what kvmform can't do as asked is a warning, once.
"""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.config.arguments import check_names, literal_string, static_path
from kvmform.config.settings import BACKENDS
from kvmform.diagnostics import Diagnostics, error, warning
from kvmform.lang.ast import Attribute, Block
from kvmform.modules.version import parse_constraints, parse_version

__all__ = ["LANGUAGE", "check_settings"]

LANGUAGE = "1.11.4"
"""The version of Terraform whose language this is."""

_ARGUMENTS = ("required_version", "experiments", "language")
_BLOCKS = ("required_providers", "backend", "cloud", "provider_meta")
_IN_THE_LANGUAGE = {"module_variable_optional_attrs", "variable_validation", "provider_sensitive_attrs"}
"""Experiments of old versions that have become part of the language; they need no mention."""


def check_settings(blocks: Sequence[Block], problems: Diagnostics, *, is_root: bool) -> None:
    """Check the `terraform` blocks of one module.

    In a called module only their form counts: where the state is, and for whom the lab is, the
    root module decides.
    """
    for block in blocks:
        check_names(block.body, _ARGUMENTS, _BLOCKS, "a terraform block", problems)
    places = [inner for block in blocks for inner in block.body.blocks if inner.type in {"backend", "cloud"}]
    for more in places[1:]:
        detail = f"Where the state is was said at {places[0].header} already, and it can only be in one place."
        summary = "Duplicate backend configuration"
        if places[0].type != more.type:
            summary = "Both a backend and cloud configuration are present"
        problems.add(error(summary, detail, more.header))
    if is_root:
        _check_place(places[:1], problems)
        for block in blocks:
            _check_version(block.body.attributes.get("required_version"), problems)
            _check_experiments(block.body.attributes.get("experiments"), problems)


def _check_place(places: Sequence[Block], problems: Diagnostics) -> None:
    for place in places:
        name = place.labels[0].value if place.labels else place.type
        if place.type == "cloud" or name not in BACKENDS:
            detail = (
                f'The backend "{name}" is not supported; the state is kept in a local file. Objects that a state '
                "elsewhere knows of are unknown here. Use -state=PATH to say where the local file is, or the backend "
                '"http".'
            )
            problems.add(warning("Backend not supported", detail, place.header))
        else:
            check_names(place.body, BACKENDS[name], (), f'the backend "{name}"', problems)


def _check_version(attribute: Attribute | None, problems: Diagnostics) -> None:
    text = literal_string(attribute, "", problems)
    if attribute is None or not text:
        return
    constraints, version = parse_constraints(text), parse_version(LANGUAGE)
    assert version is not None
    if constraints is None:
        detail = f'"{text}" is no version constraint; it is passed over. Write one like ">= 1.5, < 2.0".'
        problems.add(warning("Invalid version constraint", detail, attribute.expression.range))
    elif not constraints.allows(version):
        detail = (
            f"The configuration asks for Terraform {text}, and kvmform reads the language as Terraform {LANGUAGE} "
            "does. It goes on; where the language has changed since, this may show."
        )
        problems.add(warning("Made for another version of Terraform", detail, attribute.expression.range))


def _check_experiments(attribute: Attribute | None, problems: Diagnostics) -> None:
    for item in getattr(attribute and attribute.expression, "items", ()):
        path = static_path(item)
        if path is None or path[0] not in _IN_THE_LANGUAGE:
            detail = "kvmform has no experiments, so this has no effect."
            problems.add(warning("Experiments are not supported", detail, item.range))
