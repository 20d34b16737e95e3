"""Versions and version constraints, as Terraform compares those of modules and providers.

Source: https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

from __future__ import annotations

import re
from functools import total_ordering

from kvmform.struct import Struct

__all__ = ["Constraint", "Constraints", "Version", "parse_constraints", "parse_version"]

_VERSION = (
    r"v?(?P<segments>[0-9]+(?:\.[0-9]+)*)"
    r"(?:(?:-|(?=[A-Za-z~]))(?P<prerelease>[0-9A-Za-z~-]+(?:\.[0-9A-Za-z~-]+)*))?"
    r"(?:\+(?P<build>[0-9A-Za-z~.-]+))?"
)
_CONSTRAINT = rf"\s*(?P<operator>=|!=|>=|<=|~>|>|<|)\s*(?P<version>{_VERSION})\s*"


@total_ordering
class Version(Struct):
    """A version. `given` is how many segments were written; there are always at least three."""

    segments: tuple[int, ...]
    prerelease: str = ""
    build: str = ""
    given: int = 3

    def __str__(self) -> str:
        text = ".".join(str(segment) for segment in self.segments)
        return text + (f"-{self.prerelease}" if self.prerelease else "") + (f"+{self.build}" if self.build else "")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[tuple[int, ...], bool, tuple[tuple[int, int, str], ...]]:
        """Segments, then a release above its prereleases; in these, numbers are below words."""
        longest = len(self.segments)
        while longest > 3 and self.segments[longest - 1] == 0:
            longest -= 1
        parts = tuple(
            (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in self.prerelease.split(".") if part
        )
        return self.segments[:longest], not self.prerelease, parts


class Constraint(Struct):
    """One condition: an operator and a version."""

    operator: str
    version: Version

    def allows(self, version: Version) -> bool:
        """Whether a version meets it."""
        wanted = self.version
        match self.operator:
            case "=":
                return version == wanted
            case "!=":
                return version != wanted
        if not self._comparable(version):
            return False
        match self.operator:
            case ">":
                return version > wanted
            case "<":
                return version < wanted
            case ">=":
                return version >= wanted
            case "<=":
                return version <= wanted
        return self._pessimistic(version)

    def _comparable(self, version: Version) -> bool:
        """A prerelease is in a range only if the range is about prereleases of the same version."""
        if not version.prerelease:
            return True
        return bool(self.version.prerelease) and version.segments == self.version.segments

    def _pessimistic(self, version: Version) -> bool:
        """`~>`: only the last segment that is written may grow."""
        wanted = self.version
        if wanted.prerelease and not version.prerelease:
            return False
        if version < wanted or len(wanted.segments) > len(version.segments):
            return False
        fixed = wanted.given - 1
        return version.segments[:fixed] == wanted.segments[:fixed]

    def __str__(self) -> str:
        """In Terraform's form: the segments that matter, no operator for an exact version."""
        version = self.version
        if self.operator == "~>" and version.given < 3:
            return f"~> {version.segments[0]}.{version.segments[1]}"
        return str(version) if self.operator == "=" else f"{self.operator} {version}"


class Constraints(Struct):
    """Conditions that all must hold; none allows everything that is released."""

    parts: tuple[Constraint, ...] = ()

    def allows(self, version: Version) -> bool:
        """Whether a version meets all of them."""
        return all(part.allows(version) for part in self.parts)

    def selects(self, version: Version) -> bool:
        """Whether a version may be chosen: a prerelease only if it is asked for by name."""
        if not self.allows(version):
            return False
        return not version.prerelease or any(p.operator == "=" and p.version == version for p in self.parts)

    def __str__(self) -> str:
        return ", ".join(str(part) for part in self.parts)


def parse_version(text: str) -> Version | None:
    """A version; None where the text is none."""
    found = re.fullmatch(_VERSION, text.strip())
    return _version(found) if found else None


def _version(found: re.Match[str]) -> Version:
    written = tuple(int(segment) for segment in found["segments"].split("."))
    padded = written + (0,) * (3 - len(written))
    return Version(padded, found["prerelease"] or "", found["build"] or "", len(written))


def parse_constraints(text: str) -> Constraints | None:
    """Conditions divided by commas; None where the text is no such thing."""
    found = [re.fullmatch(_CONSTRAINT, part) for part in text.split(",")]
    parts = tuple(Constraint(match["operator"] or "=", _version(match)) for match in found if match)
    return Constraints(parts) if len(parts) == len(found) else None
