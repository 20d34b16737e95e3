"""RE2's regular expressions, translated for the `regex` module.

Source: https://github.com/google/re2/wiki/Syntax, as Go's regexp/syntax reads it. Each atom
is written out with the flags that hold at its place, so that no flag has to be passed on;
look-around and backreferences, which RE2 lacks, are refused.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from kvmform.lang.functions.character_class import (
    CLASSES,
    LAST,
    POSIX_CLASSES,
    complement,
    quote,
    write_ranges,
)
from kvmform.struct import Struct, field, replace

__all__ = ["Pattern", "PatternError", "compile_pattern"]

MAXIMUM_REPEAT = 1000

CONTROL = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
WORD_SET = "[0-9A-Za-z_]"
BEFORE, BEHIND = f"(?<={WORD_SET})(?!{WORD_SET})", f"(?<!{WORD_SET})(?={WORD_SET})"
PLACES = {
    "A": r"(?:\A)",
    "z": r"(?:\Z)",
    "b": f"(?:{BEFORE}|{BEHIND})",
    "B": f"(?:(?<={WORD_SET})(?={WORD_SET})|(?<!{WORD_SET})(?!{WORD_SET}))",
}

POSIX = re.compile(r"\[:(\^?)(\w+):\]")
REPEAT = re.compile(r"[*+?]|\{(?P<least>\d+)(?P<comma>,(?P<most>\d*))?\}", re.ASCII)
GROUP = re.compile(r"\(\?(?:P?<(?P<name>[^>]*)>|(?P<on>[imsU]*)(?P<off>-[imsU]+)?(?P<end>[:)]))")
PROPERTY = re.compile(r"\\(?P<kind>[pP])(?:\{(?P<inverse>\^?)(?P<long>[A-Za-z_]+)\}|(?P<short>[A-Za-z]))")
CHARACTER = re.compile(
    r"\\(?:x(?P<hex>[0-9A-Fa-f]{2})|x\{(?P<long>[0-9A-Fa-f]+)\}|(?P<octal>[1-7][0-7]{1,2}|0[0-7]{0,2}))"
)


class PatternError(ValueError):
    """A pattern that RE2 doesn't accept."""


class Pattern(Struct):
    """A compiled pattern, and the names of its groups, None for those without."""

    compiled: Any
    names: tuple[str | None, ...]

    def matches(self, text: str) -> Iterator[Any]:
        """All matches that don't overlap; no empty one right behind another."""
        at, end = 0, -1
        while at <= len(text) and (found := self.compiled.search(text, at)):
            if found.end() == at and found.start() == end:
                at += 1
                continue
            yield found
            end = found.end()
            at = end if found.end() > at else at + 1


@lru_cache(maxsize=256)
def compile_pattern(text: str) -> Pattern:
    """The compiled form of a pattern.

    Raises:
        PatternError: RE2 doesn't accept it.
    """
    import regex

    translation = Translation(text)
    translation.run()
    try:
        return Pattern(regex.compile("".join(translation.written)), tuple(translation.names))
    except regex.error as problem:
        raise PatternError(f"{problem.msg} in {text}") from None


class Flags(Struct):
    """`i`: case doesn't matter; `m`: `^` and `$` match at lines; `s`: `.` matches newlines; `U`: repeat lazily."""

    i: bool = False
    m: bool = False
    s: bool = False
    U: bool = False

    def changed(self, on: str, off: str) -> Flags:
        """These flags with some switched on and some off."""
        return replace(self, **dict.fromkeys(on, True), **dict.fromkeys(off, False))


class Translation(Struct, frozen=False):
    """A pattern on its way: how far it is read, the flags there, and what is written."""

    text: str
    at: int = 0
    flags: Flags = Flags()
    outer: list[Flags] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    last: str = "nothing"

    def run(self) -> None:
        """Translate all of it.

        Raises:
            PatternError: RE2 doesn't accept it.
        """
        while self.at < len(self.text):
            self.step()
        if self.outer:
            raise PatternError(f"missing closing ): `{self.text}`")

    def step(self) -> None:
        """Translate what comes next: an atom, an operator, a bracket."""
        letter = self.text[self.at]
        match letter:
            case "(":
                self.open_group()
            case ")":
                self.close_group()
            case "|":
                self.put("|", "nothing")
            case "[":
                self.character_class()
            case "\\":
                self.escape()
            case ".":
                self.put("(?s:.)" if self.flags.s else r"[^\n]")
            case "^":
                self.put(r"(?:(?<![^\n]))" if self.flags.m else r"(?:\A)")
            case "$":
                self.put(r"(?:(?![^\n]))" if self.flags.m else r"(?:\Z)")
            case _:
                found = REPEAT.match(self.text, self.at)
                if found is None:
                    self.put(self.folded(quote(ord(letter))))
                else:
                    self.repeat(found)

    def put(self, atom: str, last: str = "atom", length: int = 1) -> None:
        """Write an atom of so many characters; what is `last` decides whether it can be repeated."""
        self.written.append(atom)
        self.last = last
        self.at += length

    def folded(self, atom: str) -> str:
        """An atom for which case matters or not, as the flags say."""
        return f"(?i:{atom})" if self.flags.i else atom

    def repeat(self, found: re.Match[str]) -> None:
        operator = found[0]
        if self.last == "nothing":
            raise PatternError(f"missing argument to repetition operator: `{operator}`")
        if self.last == "repeat":
            raise PatternError(f"invalid nested repetition operator: `{operator}`")
        if operator[0] == "{":
            least = int(found["least"])
            most = least if not found["comma"] else int(found["most"] or least)
            if least > most or most > MAXIMUM_REPEAT:
                raise PatternError(f"invalid repeat count: `{operator}`")
        lazy = self.text.startswith("?", found.end())
        self.put(operator + ("?" if lazy != self.flags.U else ""), "repeat", len(operator) + lazy)

    def open_group(self) -> None:
        if not self.text.startswith("(?", self.at):
            self.outer.append(self.flags)
            self.names.append(None)
            self.put("(", "nothing")
            return
        found = GROUP.match(self.text, self.at)
        if found is None:
            raise PatternError(f"invalid or unsupported Perl syntax: `{self.text[self.at : self.at + 3]}`")
        name = found["name"]
        if name is not None:
            if not re.fullmatch(r"\w+", name, re.ASCII) or name in self.names:
                raise PatternError(f"invalid named capture: `{found[0]}`")
            self.outer.append(self.flags)
            self.names.append(name)
            self.put("(", "nothing", len(found[0]))
            return
        changed = self.flags.changed(found["on"], (found["off"] or "-")[1:])
        if found["end"] == ":":
            self.outer.append(self.flags)
        elif found[0] == "(?)":
            raise PatternError("missing argument to repetition operator: `?`")
        self.flags = changed
        self.put("(?:" if found["end"] == ":" else "", "nothing", len(found[0]))

    def close_group(self) -> None:
        if not self.outer:
            raise PatternError(f"unexpected ): `{self.text}`")
        self.flags = self.outer.pop()
        self.put(")")

    def escape(self) -> None:
        letter = self.text[self.at + 1 : self.at + 2]
        if letter == "Q":
            end = self.text.find(r"\E", self.at)
            for quoted in self.text[self.at + 2 : end if end >= 0 else len(self.text)]:
                self.put(self.folded(quote(ord(quoted))), length=0)
            self.at = end + 2 if end >= 0 else len(self.text)
        elif letter in PLACES:
            self.put(PLACES[letter], length=2)
        elif (found := self.shorthand()) is not None:
            self.put(self.folded(f"[{found}]"), length=0)
        else:
            self.put(self.folded(quote(self.escaped_character())), length=0)

    def shorthand(self) -> str | None:
        r"""The content of a class such as `\d`, `\W` or `\pL`, if there is one; then it is read."""
        letter = self.text[self.at + 1 : self.at + 2]
        if letter.lower() in CLASSES and letter:
            self.at += 2
            ranges = CLASSES[letter.lower()]
            return write_ranges(complement(ranges) if letter.isupper() else ranges)
        found = PROPERTY.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        inverse = (found["kind"] == "P") != (found["inverse"] == "^")
        name = found["long"] or found["short"]
        if name == "Any":
            return write_ranges([] if inverse else [(0, LAST)])
        return rf"\{'P' if inverse else 'p'}{{{name}}}"

    def escaped_character(self) -> int:
        """The character that a backslash and what follows stand for; then it is read."""
        found = CHARACTER.match(self.text, self.at)
        letter = self.text[self.at + 1 : self.at + 2]
        if found is not None:
            code = int(found["octal"], 8) if found["octal"] else int(found["hex"] or found["long"], 16)
            if code <= LAST:
                self.at = found.end()
                return code
        elif letter in CONTROL and letter:
            self.at += 2
            return ord(CONTROL[letter])
        elif letter and letter in string.punctuation + string.whitespace:
            self.at += 2
            return ord(letter)
        elif not letter:
            raise PatternError("trailing backslash at end of expression")
        raise PatternError(f"invalid escape sequence: `\\{letter}`")

    def character_class(self) -> None:
        start = self.at
        self.at += 1
        inverse = self.text.startswith("^", self.at)
        self.at += inverse
        content: list[str] = []
        first = True
        while first or not self.text.startswith("]", self.at):
            if self.at >= len(self.text):
                raise PatternError(f"missing closing ]: `{self.text[start:]}`")
            content.append(self.class_member())
            first = False
        self.at += 1
        self.put(self.folded(f"[{'^' if inverse else ''}{''.join(content)}]"), length=0)

    def class_member(self) -> str:
        """What comes next between brackets: a class, a range or a single character."""
        found = POSIX.match(self.text, self.at)
        if found is not None:
            if found[2] not in POSIX_CLASSES:
                raise PatternError(f"invalid character class range: `{found[0]}`")
            self.at = found.end()
            ranges = POSIX_CLASSES[found[2]]
            return write_ranges(complement(ranges) if found[1] else ranges)
        if self.text[self.at] == "\\" and (shorthand := self.shorthand()) is not None:
            return shorthand
        start = self.at
        first = last = self.class_character()
        if self.text.startswith("-", self.at) and not self.text.startswith("-]", self.at):
            self.at += 1
            if self.at >= len(self.text):
                raise PatternError(f"missing closing ]: `{self.text}`")
            last = self.class_character()
        if last < first:
            raise PatternError(f"invalid character class range: `{self.text[start : self.at]}`")
        return write_ranges([(first, last)])

    def class_character(self) -> int:
        """A single character between brackets; then it is read."""
        if self.text[self.at] == "\\":
            return self.escaped_character()
        self.at += 1
        return ord(self.text[self.at - 1])
