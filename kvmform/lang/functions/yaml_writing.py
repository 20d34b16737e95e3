"""Values as YAML text, the way https://github.com/zclconf/go-cty-yaml writes it to the letter.

That text ends up in guests, as cloud-init data for instance: each byte counts.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from kvmform.values.kinds import is_null
from kvmform.values.model import ListValue, MapValue, SetValue, Value
from kvmform.values.number import format_number, is_infinite

__all__ = ["write_document"]

# libyaml breaks long lines as Terraform does, PyYAML's own emitter a little differently.
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def write_document(value: Value) -> str:
    """The YAML text of a wholly known, unmarked value."""
    if not isinstance(value, str | dict | MapValue | tuple | ListValue | SetValue):
        return f"{plain_word(value)}\n...\n"
    document = [
        yaml.StreamStartEvent(),
        yaml.DocumentStartEvent(explicit=False),
        *events(value),
        yaml.DocumentEndEvent(explicit=False),
        yaml.StreamEndEvent(),
    ]
    text = str(yaml.emit(document, Dumper=DUMPER, allow_unicode=True))
    # Newer releases of libyaml also end a document in which a text ends with blank lines.
    return text[: -len("...\n")] if text.endswith("\n...\n") else text


def events(value: Value) -> Iterator[yaml.Event]:
    """The YAML events that write a value."""
    match value:
        case dict() | MapValue():
            items = value.items if isinstance(value, MapValue) else value
            yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=False)
            for key in sorted(items):
                yield from events(key)
                yield from events(items[key])
            yield yaml.MappingEndEvent()
        case tuple() | ListValue() | SetValue():
            yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=False)
            for item in value if isinstance(value, tuple) else value.items:
                yield from events(item)
            yield yaml.SequenceEndEvent()
        case str():
            yield yaml.ScalarEvent(None, None, (True, True), value, style="|" if "\n" in value else '"')
        case _:
            yield yaml.ScalarEvent(None, None, (True, True), plain_word(value))


def plain_word(value: Value) -> str:
    """A null, a bool or a number."""
    if is_null(value):
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "+Inf" if is_infinite(value) and value > 0 else format_number(value)
