"""Plain values as text, in the language's own notation."""

from __future__ import annotations

import json
from collections.abc import Mapping

from kvmform.schema import Plain
from kvmform.values.model import Unknown
from kvmform.view.masks import HIDDEN

__all__ = ["HIDDEN_TEXT", "UNKNOWN_TEXT", "attributes_text", "value_text"]

UNKNOWN_TEXT = "(known after apply)"
HIDDEN_TEXT = "(sensitive value)"


def value_text(value: Plain, indent: int = 0) -> str:
    """A value as one would write it in a configuration; further lines are indented by `indent`."""
    pad = " " * indent
    if value is HIDDEN:
        return HIDDEN_TEXT
    match value:
        case None:
            return "null"
        case Unknown():
            return UNKNOWN_TEXT
        case bool():
            return "true" if value else "false"
        case str() if "\n" in value.rstrip("\n"):
            body = "".join(f"{pad}    {line}\n" for line in value.rstrip("\n").split("\n"))
            return f"<<-EOT\n{body}{pad}EOT"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list() if not value:
            return "[]"
        case list():
            items = "".join(f"{pad}    {value_text(item, indent + 4)},\n" for item in value)
            return f"[\n{items}{pad}]"
        case dict() if not value:
            return "{}"
        case dict():
            return f"{{\n{attributes_text(value, indent + 4)}\n{pad}}}"
    return json.dumps(value)


def attributes_text(attributes: Mapping[str, Plain], indent: int) -> str:
    """`name = value` lines, aligned."""
    names = {name: name if name.isidentifier() else json.dumps(name) for name in attributes}
    width = max(map(len, names.values()), default=0)
    pad = " " * indent
    return "\n".join(f"{pad}{names[name]:<{width}} = {value_text(v, indent)}" for name, v in attributes.items())
