"""Masks over plain values: which parts are unknown, or sensitive, in the shape of the value.

Source of the forms: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterable

from kvmform.schema import Path, Plain
from kvmform.values.model import UNKNOWN, Unknown
from kvmform.values.types import ListType, MapType, ObjectType, SetType, TupleType

__all__ = ["after_unknown", "hides", "mask_of", "sensitive_mask", "with_unknown", "without_unknown"]


def after_unknown(value: Plain) -> Plain:
    """`true` for what is unknown; known attributes of objects are left out."""
    match value:
        case Unknown():
            return True
        case dict():
            masks = {name: after_unknown(item) for name, item in value.items()}
            return {name: mask for name, mask in masks.items() if mask is not False}
        case list():
            return [after_unknown(item) for item in value]
    return False


def without_unknown(value: Plain) -> Plain:
    """The value with unknown attributes left out, and unknown list elements as null."""
    match value:
        case Unknown():
            return None
        case dict():
            return {name: without_unknown(v) for name, v in value.items() if not isinstance(v, Unknown)}
        case list():
            return [without_unknown(item) for item in value]
    return value


def with_unknown(value: Plain, mask: Plain) -> Plain:
    """The value with unknown where the mask says so: what :func:`without_unknown` took out."""
    if mask is True:
        return UNKNOWN
    match value, mask:
        case dict(), dict() if mask:
            return value | {name: with_unknown(value.get(name), own) for name, own in mask.items()}
        case list(), list():
            return [with_unknown(item, own) for item, own in zip(value, mask, strict=True)]
    return value


def sensitive_mask(value: Plain, paths: Iterable[Path]) -> Plain:
    """`true` at the sensitive paths, in the shape of the value; of what is unknown its type tells the shape."""
    relevant = list(paths)
    if () in relevant:
        return True
    match value:
        case dict():
            masks = {name: sensitive_mask(item, _below(relevant, name)) for name, item in value.items()}
            return {name: mask for name, mask in masks.items() if mask is not False}
        case list():
            return [sensitive_mask(item, _below(relevant, index)) for index, item in enumerate(value)]
        case Unknown(type=ObjectType() | MapType()):
            return {}
        case Unknown(type=ListType() | SetType() | TupleType()):
            return []
    return False


def _below(paths: list[Path], step: str | int) -> list[Path]:
    return [path[1:] for path in paths if path[0] == step] if paths else paths


def hides(mask: Plain) -> bool:
    """Whether anything at all below this mask is sensitive."""
    waiting = [mask]
    while waiting:
        match waiting.pop():
            case dict() as parts:
                waiting.extend(parts.values())
            case list() as parts:
                waiting.extend(parts)
            case True:
                return True
    return False


def mask_of(mask: Plain, step: str | int) -> Plain:
    """The mask of a part: an attribute of an object, or an element of a list."""
    match mask:
        case dict():
            return mask.get(step, False)
        case list():
            return mask[step] if isinstance(step, int) and step < len(mask) else False
    return mask
