"""How values are written in libvirt's XML, and read back: numbers, units, yes/no words.

A codec has `encode` (value to text) and `decode` (text to value), the inverse of each
other. A place that is not in the XML has no text: it stands for the codec's `absent`
value, and writing that value (or None) removes the place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from kvmform.diagnostics import DiagnosticError
from kvmform.schema import Plain
from kvmform.struct import Struct

__all__ = [
    "BYTES",
    "INTEGER",
    "KIB",
    "MIB",
    "OCTAL",
    "ON_OFF",
    "PCI_ADDRESS",
    "PRESENCE",
    "TEXT",
    "YES_NO",
    "Integer",
    "Prefixed",
    "Presence",
    "Quantity",
    "Spread",
    "Text",
    "Words",
]

UNITS: Mapping[str, int] = {
    "b": 1,
    "byte": 1,
    "bytes": 1,
    "k": 2**10,
    "kb": 10**3,
    "kib": 2**10,
    "m": 2**20,
    "mb": 10**6,
    "mib": 2**20,
    "g": 2**30,
    "gb": 10**9,
    "gib": 2**30,
    "t": 2**40,
    "tb": 10**12,
    "tib": 2**40,
}
"""Bytes in libvirt's units, in any case (https://libvirt.org/formatdomain.html#memory-allocation)."""


def _unreadable(text: str, what: str) -> DiagnosticError:
    return DiagnosticError.of("Unreadable XML", f'libvirt\'s XML has "{text}" where {what} is expected.')


class Text(Struct):
    """The text as it is."""

    absent: Plain = None

    def encode(self, value: Plain) -> str:
        """The text in the XML."""
        return str(value)

    def decode(self, text: str) -> Plain:
        """The value of that text."""
        return text


class Prefixed(Struct):
    """A text that begins so; any other in its place is libvirt's own, and as good as none."""

    prefix: str
    absent: Plain = None

    def encode(self, value: Plain) -> str:
        """The text in the XML."""
        return str(value)

    def decode(self, text: str) -> Plain:
        """The value of that text; None for libvirt's own."""
        return text if text.startswith(self.prefix) else None


class Integer(Struct):
    """A whole number to a base; base 8 keeps the form of file modes, a string like `0644`."""

    base: int = 10
    absent: Plain = None

    def encode(self, value: Plain) -> str:
        """The text in the XML."""
        return f"0{int(str(value), 8):o}" if self.base == 8 else str(int(value))

    def decode(self, text: str) -> Plain:
        """The value of that text: an int, for base 8 a string.

        Raises:
            DiagnosticError: the text is no number.
        """
        try:
            number = int(text.strip(), self.base)
        except ValueError:
            raise _unreadable(text, "a whole number") from None
        return f"0{number:o}" if self.base == 8 else number


class Words(Struct):
    """A bool as one of two words."""

    true: str
    false: str
    absent: Plain = None

    def encode(self, value: Plain) -> str:
        """The text in the XML."""
        return self.true if value else self.false

    def decode(self, text: str) -> Plain:
        """The value of that text.

        Raises:
            DiagnosticError: the text is neither word.
        """
        match text.strip():
            case self.true:
                return True
            case self.false:
                return False
        raise _unreadable(text, f'"{self.true}" or "{self.false}"')


class Presence(Struct):
    """A bool: whether the element is there at all (`<acpi/>`)."""

    absent: Plain = False

    def encode(self, value: Plain) -> str:  # noqa: ARG002 - the form of a codec
        """The text in the XML: none."""
        return ""

    def decode(self, text: str) -> Plain:  # noqa: ARG002 - the form of a codec
        """True, whatever the element holds."""
        return True


class Quantity(Struct):
    """A size: a number in `value_unit` for the user, written in `xml_unit` with a `unit` attribute.

    Its text is a number and a unit (`524288 KiB`); kvmform.xml.rows splits it into the
    element's text and its `unit` attribute. A number of no unit is in `xml_unit`.
    """

    value_unit: str
    xml_unit: str
    absent: Plain = None

    def encode(self, value: Plain) -> str:
        """Number and unit."""
        return f"{int(value) * UNITS[self.value_unit.lower()] // UNITS[self.xml_unit.lower()]} {self.xml_unit}"

    def decode(self, text: str) -> Plain:
        """The number in the value's unit, rounded down.

        Raises:
            DiagnosticError: the text is no number with a known unit.
        """
        number, _, unit = text.strip().partition(" ")
        factor = UNITS.get((unit or self.xml_unit).lower())
        if factor is None or not number.isdecimal():
            raise _unreadable(text, "a size")
        return int(number) * factor // UNITS[self.value_unit.lower()]


class Spread(Struct):
    """One text that is several numbers in the XML, each an attribute of the element: a PCI address.

    `pattern` finds the numbers in the text, by the attributes' names; `form` makes the text of them.
    """

    names: tuple[str, ...]
    pattern: str
    form: str
    absent: Plain = None

    def encode(self, value: Plain) -> str:
        """The text itself."""
        return str(value)

    def decode(self, text: str) -> Plain:
        """The text itself."""
        return text

    def spread(self, text: str) -> dict[str, str]:
        """The attributes of a text, in hexadecimal as libvirt writes them.

        Raises:
            DiagnosticError: the text is not of that form.
        """
        found = re.fullmatch(self.pattern, text)
        if found is None:
            raise DiagnosticError.of("Invalid address", f'"{text}" is not of the form {self.form}.')
        return {name: f"0x{found[name] or '0'}" for name in self.names}

    def gather(self, get: Callable[[str], str | None]) -> str | None:
        """The text of the attributes that `get` tells by name; None where there are none of them."""
        found = {name: get(name) for name in self.names}
        if all(text is None for text in found.values()):
            return None
        return self.form.format(**{name: int(text or "0", 0) for name, text in found.items()})


TEXT = Text()
INTEGER = Integer()
OCTAL = Integer(base=8)
YES_NO = Words("yes", "no")
ON_OFF = Words("on", "off")
PRESENCE = Presence()
BYTES = Quantity("bytes", "bytes")
KIB = Quantity("KiB", "KiB")
MIB = Quantity("MiB", "KiB")
PCI_ADDRESS = Spread(
    names=("domain", "bus", "slot", "function"),
    pattern=r"(?:(?P<domain>[0-9a-fA-F]{1,8}):)?(?P<bus>[0-9a-fA-F]{1,2}):(?P<slot>[0-9a-fA-F]{1,2})\.(?P<function>[0-7])",
    form="{domain:04x}:{bus:02x}:{slot:02x}.{function:x}",
)
"""A PCI address as `lspci -D` writes it: `0000:65:00.0`."""
