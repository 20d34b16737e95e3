"""Values from YAML text, read as https://github.com/zclconf/go-cty-yaml does.

Its plain words are a mixture of YAML 1.1 and 1.2 (`yes` is true, `0o17` is fifteen, `017`
seventeen), and times become RFC 3339 strings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import yaml

from kvmform.lang.conversion import convert
from kvmform.lang.functions.datetime import parse_timestamp, rfc3339
from kvmform.lang.functions.encoding import decode_base64
from kvmform.lang.functions.signature import FunctionError
from kvmform.struct import Struct, field
from kvmform.values.kinds import type_of
from kvmform.values.model import Value
from kvmform.values.number import INFINITY, NEGATIVE_INFINITY, Number, parse_number
from kvmform.values.types import STRING

__all__ = ["read_document"]

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

TAG = "tag:yaml.org,2002:"
SCALAR_TAGS = {None, *(TAG + name for name in ("str", "bool", "int", "float", "null", "timestamp", "binary"))}


WORDS: dict[str, Value] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), INFINITY),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), NEGATIVE_INFINITY),
}
"""Plain words that are no strings."""

NUMBER_FORM = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?", re.ASCII)
OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
TIMESTAMP = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"(?:(?:[Tt](?=.*[Z+-])| (?!.*[Z+-]))(?P<hour>\d\d?):(?P<minute>\d\d?):(?P<second>\d\d?)(?P<fraction>\.\d+)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)
"""A date; with a time behind `T` it has a time zone, with one behind a blank it has none."""


MAXIMUM_SIZE = 1_000_000
"""How many values a document may have, what is repeated by aliases counted each time."""

TOO_DEEP = "too many lists and maps inside each other"


def read_document(text: str) -> Value:
    """The value of a YAML text.

    Raises:
        FunctionError: it is no YAML, or not a single document, or something in it has no value.
    """
    try:
        stream = iter(yaml.parse(text, Loader=LOADER))
        return Document(stream).read()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        if "nesting depth" in (problem.problem or ""):
            raise FunctionError(TOO_DEEP) from None
        where = f"on line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise FunctionError(f"{where}{problem.problem}") from None
    except yaml.YAMLError as problem:
        raise FunctionError(str(problem)) from None
    except RecursionError:
        raise FunctionError(TOO_DEEP) from None


class Document(Struct, frozen=False):
    """One document while it is read: the events to come, the values of anchors and how many values are in each."""

    stream: Iterator[yaml.Event]
    anchors: dict[str, Value] = field(default_factory=dict)
    open_anchors: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)
    size: int = 0

    def read(self) -> Value:
        """The value of the whole text.

        Raises:
            FunctionError: it has not exactly one document, or something in it has no value here.
            yaml.YAMLError: it is not YAML.
        """
        next(self.stream)
        start = next(self.stream)
        if not isinstance(start, yaml.DocumentStartEvent):
            raise FunctionError("the text has no document, only blanks or comments")
        if start.version not in {None, (1, 1)}:
            raise FunctionError("found incompatible YAML document")
        value = self.value(next(self.stream))
        next(self.stream)
        if not isinstance(next(self.stream), yaml.StreamEndEvent):
            raise FunctionError("unexpected extra content after value: only a single document is allowed")
        return value

    def value(self, event: yaml.Event) -> Value:
        """The value that begins with an event."""
        assert isinstance(event, yaml.NodeEvent)
        anchor = event.anchor
        before = self.size
        self.size += 1
        if isinstance(event, yaml.AliasEvent):
            return self.alias(str(anchor))
        if anchor:
            self.open_anchors.add(anchor)
        if isinstance(event, yaml.ScalarEvent):
            value = scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            value = self.mapping(event)
        else:
            assert isinstance(event, yaml.SequenceStartEvent)
            value = self.sequence(event)
        if anchor:
            self.open_anchors.discard(anchor)
            self.anchors[anchor] = value
            self.sizes[anchor] = self.size - before
        return value

    def alias(self, name: str) -> Value:
        """The value of an anchor."""
        if name in self.open_anchors:
            raise FunctionError(f'cannot refer to anchor "{name}" from inside its own definition')
        if name not in self.anchors:
            raise FunctionError(f'reference to undefined anchor "{name}"')
        self.size += self.sizes[name]
        if self.size > MAXIMUM_SIZE:
            raise FunctionError("document contains excessive aliasing")
        return self.anchors[name]

    def sequence(self, start: yaml.SequenceStartEvent) -> Value:
        """A list, of which the first event is read."""
        if start.tag not in {None, TAG + "seq"}:
            raise FunctionError(f"can't interpret sequence as {start.tag}")
        items = []
        while not isinstance(event := next(self.stream), yaml.SequenceEndEvent):
            items.append(self.value(event))
        return tuple(items)

    def mapping(self, start: yaml.MappingStartEvent) -> Value:
        """A map, of which the first event is read."""
        if start.tag not in {None, TAG + "map"}:
            raise FunctionError(f"can't interpret mapping as {start.tag}")
        items: dict[str, Value] = {}
        while not isinstance(event := next(self.stream), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise FunctionError("only strings are allowed as mapping keys")
            if event.tag == TAG + "merge" or (event.tag is None and event.value == "<<"):
                merged = self.value(next(self.stream))
                if not isinstance(merged, dict):
                    raise FunctionError(f"cannot merge {type_of(merged)} into mapping")
                items |= merged
            else:
                items[key_text(event)] = self.value(next(self.stream))
        return items


def key_text(event: yaml.ScalarEvent) -> str:
    """The key that a scalar is."""
    key = scalar(event)
    if key is None:
        raise FunctionError("mapping key cannot be null")
    text = convert(key, STRING)
    assert isinstance(text, str)
    return text


def scalar(event: yaml.ScalarEvent) -> Value:
    """The value of a scalar: by its tag, or by its form if it has neither tag nor quotes."""
    tag, text = event.tag, unicodedata.normalize("NFC", event.value)
    if tag is None:
        return text if event.style else plain(text)
    if tag not in SCALAR_TAGS:
        raise FunctionError(f'unsupported tag "{tag}"')
    if tag == TAG + "binary":
        decode_base64(text, f'cannot parse "{text}" as {tag}: not valid base64')
    if event.style in {"'", '"'} or tag in {TAG + "str", TAG + "binary"}:
        return text
    return tagged(text, tag)


def tagged(text: str, tag: str) -> Value:
    """A word with a tag: one of :data:`WORDS` whatever the tag says, otherwise as that says."""
    if text in WORDS:
        return WORDS[text]
    value: Value = None
    match tag.removeprefix(TAG):
        case "null":
            return None
        case "int" | "float":
            value = number(text.replace("_", ""))
        case "timestamp":
            value = timestamp(text)
    if value is None:
        raise FunctionError(f'cannot parse "{text}" as {tag}')
    return value


def plain(text: str) -> Value:
    """A word without tag and quotes."""
    if text in WORDS:
        return WORDS[text]
    if text in {".nan", ".NaN", ".NAN"}:
        raise FunctionError("floating point NaN is not supported")
    if text[0] not in "+-.0123456789":
        return text
    for value in (timestamp(text), number(text)):
        if value is not None:
            return value
    return text


def number(text: str) -> Number | None:
    """The number that a word is, if it is one."""
    if NUMBER_FORM.fullmatch(text):
        return parse_number(text)
    return int(text, 0) if OTHER_BASE.fullmatch(text) else None


def timestamp(text: str) -> str | None:
    """The RFC 3339 form of the time that a word is, if it is one."""
    found = TIMESTAMP.fullmatch(text)
    if found is None:
        return None
    parts = (found[name] or "" for name in ("year", "month", "day", "hour", "minute", "second"))
    year, month, day, hour, minute, second = (part.zfill(2) for part in parts)
    try:
        moment = f"{year}-{month}-{day}T{hour}:{minute}:{second}{found['fraction'] or ''}{found['zone'] or 'Z'}"
        return rfc3339(parse_timestamp(moment))
    except FunctionError:
        return None
