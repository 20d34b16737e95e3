"""JSON text to values that know their places, with every property in order, even of one name twice.

Source: RFC 8259; https://github.com/hashicorp/hcl/blob/main/json/spec.md on what must be kept.
"""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder
from typing import NoReturn

from kvmform.diagnostics import DiagnosticError, Position, Source
from kvmform.lang.syntax.cursor import MAXIMUM_NESTING
from kvmform.struct import Struct
from kvmform.values.number import Number, parse_number

__all__ = ["JsonArray", "JsonObject", "JsonScalar", "JsonValue", "Property", "StringSource", "read_json"]


class JsonScalar(Struct):
    """A string, number, `true`, `false` or `null`."""

    start: int
    end: int
    value: str | Number | None


class JsonArray(Struct):
    """`[…]`."""

    start: int
    end: int
    items: tuple[JsonValue, ...]


class Property(Struct):
    """`"name": value`; `start` and `end` are those of the name, with its quotes."""

    start: int
    end: int
    name: str
    value: JsonValue


class JsonObject(Struct):
    """`{…}`."""

    start: int
    end: int
    properties: tuple[Property, ...]


JsonValue = JsonScalar | JsonArray | JsonObject

_BLANK = re.compile(r"[ \t\n\r]*")
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2} | \\u.{4} | \\. | [^\"]", re.VERBOSE | re.DOTALL
)


class StringSource(Source):
    """What a JSON string says, as a text of its own whose places are shown as those in the file."""

    __slots__ = ("_start", "file")

    def __init__(self, file: Source, start: int, text: str) -> None:
        super().__init__(file.filename, text)
        self.file = file
        self._start = start + 1  # behind the quote

    def position(self, offset: int) -> Position:
        """Where in the file a code point of the string is."""
        return self.file.position(self.offset(offset))

    def offset(self, offset: int) -> int:
        """The offset in the file of a code point of the string."""
        at = self._start
        for _ in range(offset):
            found = _CHARACTER.match(self.file.text, at)
            if found is None:
                break  # the closing quote: what is behind it is not in the file
            at = found.end()
        return at

    def line(self, number: int) -> str:
        """Text of one line of the file."""
        return self.file.line(number)

    def first_byte(self, number: int) -> int:
        """The byte at which a line of the file begins."""
        return self.file.first_byte(number)


def read_json(source: Source) -> JsonValue:
    """Read a whole text.

    Raises:
        DiagnosticError: it is not JSON.
    """
    reader = _Reader(source)
    value, at = reader.value(reader.skip(0), MAXIMUM_NESTING)
    if at < len(source.text):
        reader.fail("Something follows the value that the file consists of. Remove it.", at)
    return value


class _Reader:
    __slots__ = ("_decode", "_source", "_text")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        decoder = JSONDecoder(parse_float=parse_number, parse_int=parse_number, parse_constant=_refuse)
        self._decode = decoder.raw_decode

    def skip(self, at: int) -> int:
        """The offset of what comes after blanks."""
        found = _BLANK.match(self._text, at)
        return found.end() if found else at

    def value(self, at: int, levels: int) -> tuple[JsonValue, int]:
        """Read the value at an offset, with at most so many levels; and where the next thing is."""
        if levels == 0:
            self.fail(f"Values can be nested {MAXIMUM_NESTING} levels deep.", at)
        match self._text[at : at + 1]:
            case "{":
                return self._object(at, levels)
            case "[":
                return self._array(at, levels)
        value, end = self._scalar(at)
        return JsonScalar(at, end, value), self.skip(end)

    def _scalar(self, at: int) -> tuple[str | Number | None, int]:
        try:
            return self._decode(self._text, at)
        except JSONDecodeError as problem:
            self.fail(f"{problem.msg.removesuffix(' at').removesuffix(':')}.", problem.pos)
        except ValueError:
            self.fail("NaN and infinity are no values of JSON. Write a number, or null.", at)

    def _array(self, start: int, levels: int) -> tuple[JsonArray, int]:
        items: list[JsonValue] = []
        at = self.skip(start + 1)
        while not self._text.startswith("]", at):
            if items:
                at = self._pass(",", at, 'Elements are separated by ",", and the last one is followed by "]".')
            item, at = self.value(at, levels - 1)
            items.append(item)
        return JsonArray(start, at + 1, tuple(items)), self.skip(at + 1)

    def _object(self, start: int, levels: int) -> tuple[JsonObject, int]:
        properties: list[Property] = []
        at = self.skip(start + 1)
        while not self._text.startswith("}", at):
            if properties:
                at = self._pass(",", at, 'Properties are separated by ",", and the last one is followed by "}".')
            if not self._text.startswith('"', at):
                self.fail("A property begins with its name in double quotes.", at)
            name, end = self._scalar(at)
            value_at = self._pass(":", self.skip(end), 'The name of a property is followed by ":" and a value.')
            value, after = self.value(value_at, levels - 1)
            properties.append(Property(at, end, str(name), value))
            at = after
        return JsonObject(start, at + 1, tuple(properties)), self.skip(at + 1)

    def _pass(self, character: str, at: int, rule: str) -> int:
        if not self._text.startswith(character, at):
            self.fail(rule, at)
        return self.skip(at + 1)

    def fail(self, reason: str, at: int) -> NoReturn:
        """Raise the error at an offset."""
        end = min(at + 1, len(self._text))
        raise DiagnosticError.of(
            "Invalid JSON", f"This file is not JSON, as its name says it is. {reason}", self._source.range(at, end)
        )


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
