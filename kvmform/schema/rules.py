"""Rules that many schemas have: makers of :data:`kvmform.schema.row.Rule`.

A value that is known only after apply can't break a rule; the verbs meet it when it is known.
Wording: that of Terraform's validators, so that what people search for is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kvmform.diagnostics import error
from kvmform.schema.row import Block, Object, Path, Plain, Problem, Row, Rule
from kvmform.values.model import Unknown

__all__ = [
    "among",
    "at_least",
    "at_least_one_of",
    "at_most",
    "conflicting",
    "each",
    "exactly_one_of",
    "matching",
    "named",
    "one_of",
    "whole",
    "xml_text",
]

_VALUE = "Invalid Attribute Value"
_COMBINATION = "Invalid Attribute Combination"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no XML document can hold. Source: XML 1.0, production 2, Char."""


def at_least(name: str, minimum: int) -> Rule:
    """A number is not below a minimum."""

    def rule(written: Object) -> Iterator[Problem]:
        value = written[name]
        if _is_known(value) and value < minimum:
            yield _problem(name, _VALUE, f"Attribute {name} value must be at least {minimum}, got: {value}.")

    return rule


def at_most(name: str, maximum: int) -> Rule:
    """A number is not above a maximum."""

    def rule(written: Object) -> Iterator[Problem]:
        value = written[name]
        if _is_known(value) and value > maximum:
            yield _problem(name, _VALUE, f"Attribute {name} value must be at most {maximum}, got: {value}.")

    return rule


def whole(*names: str) -> Rule:
    """Numbers are whole."""

    def rule(written: Object) -> Iterator[Problem]:
        for name in names:
            value = written[name]
            if _is_known(value) and not isinstance(value, int):
                yield _problem(name, _VALUE, f"Attribute {name} value must be a whole number, got: {value}.")

    return rule


def one_of(name: str, values: Sequence[str]) -> Rule:
    """A string is one of these."""

    def rule(written: Object) -> Iterator[Problem]:
        value = written[name]
        if _is_known(value) and value not in values:
            known = ", ".join(f'"{each}"' for each in values)
            detail = f'Attribute {name} value must be one of: {known}; got: "{value}".'
            yield _problem(name, f"{_VALUE} Match", detail)

    return rule


def among(rows: Mapping[str, Row | Block]) -> Rule:
    """Every text is one of the choices of its row, in blocks too."""
    limited = _limited(rows)

    def rule(written: Object) -> Iterator[Problem]:
        yield from _strangers(limited, written, ())

    return rule


_Limited = dict[str, "Row | _Limited"]
"""The rows that have choices, by name, and those in blocks by the block's."""


def _limited(rows: Mapping[str, Row | Block]) -> _Limited:
    found: _Limited = {}
    for name, row in rows.items():
        inner = row if isinstance(row, Row) else _limited(row.rows)
        if inner.choices if isinstance(inner, Row) else inner:
            found[name] = inner
    return found


def _strangers(rows: _Limited, written: Object, at: Path) -> Iterator[Problem]:
    for name, row in rows.items():
        value = written.get(name)
        if isinstance(row, dict):
            for index, element in enumerate(value if isinstance(value, list) else ()):
                yield from _strangers(row, element, (*at, name, index))
        elif _is_known(value) and value and value not in row.choices:
            known = ", ".join(f'"{each}"' for each in row.choices)
            detail = f'Attribute {name} value must be one of: {known}; got: "{value}".'
            yield Problem((*at, name), error(f"{_VALUE} Match", detail))


def matching(name: str, pattern: str, words: str) -> Rule:
    """A string matches a regular expression from end to end; `words` say what it must be."""
    compiled = re.compile(pattern)

    def rule(written: Object) -> Iterator[Problem]:
        value = written[name]
        if _is_known(value) and not compiled.fullmatch(value):
            yield _problem(name, f"{_VALUE} Match", f'Attribute {name} must be {words}; got: "{value}".')

    return rule


def named(written: Object) -> Iterator[Problem]:
    """The name is one that libvirt gives to an object: not empty, on one line, and without a slash."""
    name = written["name"]
    if _is_known(name) and (not name.strip() or "/" in name or "\n" in name or name in {".", ".."}):
        detail = "A name that libvirt takes is not empty, is none of . and .., and has neither slashes nor line ends."
        yield _problem("name", "Invalid name", detail)


def xml_text(written: Object) -> Iterator[Problem]:
    """No string has a character that can't be in libvirt's XML."""
    for path, text in _strings(written, ()):
        found = _NOT_IN_XML.search(text)
        if found:
            detail = (
                f"There is the character U+{ord(found[0]):04X} in it, which can't be in an XML document, and so not in "
                "a definition that libvirt takes. Take it out."
            )
            yield Problem(path, error("Invalid character", detail))


def _strings(value: Plain, at: Path) -> Iterator[tuple[Path, str]]:
    match value:
        case str():
            yield at, value
        case list():
            for index, item in enumerate(value):
                yield from _strings(item, (*at, index))
        case dict():
            for name, item in value.items():
                yield from _strings(item, (*at, name))


def each(block: str, *rules: Rule) -> Rule:
    """Every element of a block keeps these rules; those of blocks in it are put into another `each`."""

    def rule(written: Object) -> Iterator[Problem]:
        elements = written[block]
        for index, element in enumerate(elements if isinstance(elements, list) else ()):
            for inner in rules:
                for problem in inner(element):
                    yield Problem((block, index, *problem.path), problem.diagnostic)

    return rule


def conflicting(*names: str) -> Rule:
    """At most one of some attributes is set."""

    def rule(written: Object) -> Iterator[Problem]:
        given = [name for name in names if _is_known(written[name])]
        if len(given) > 1:
            detail = f'Attribute "{given[0]}" cannot be specified when "{given[1]}" is specified.'
            yield _problem(given[1], _COMBINATION, detail)

    return rule


def at_least_one_of(*names: str) -> Rule:
    """One or several of some attributes are set."""

    def rule(written: Object) -> Iterator[Problem]:
        if all(written[name] is None for name in names):
            yield _missing("At least one", names)

    return rule


def exactly_one_of(*names: str) -> Rule:
    """Just one of some attributes is set."""
    conflict = conflicting(*names)

    def rule(written: Object) -> Iterator[Problem]:
        if all(written[name] is None for name in names):
            yield _missing("Exactly one", names)
        yield from conflict(written)

    return rule


def _is_known(value: Plain) -> bool:
    return value is not None and not isinstance(value, Unknown)


def _missing(how_many: str, names: Iterable[str]) -> Problem:
    return Problem((), error(_COMBINATION, f"{how_many} of these attributes must be configured: {', '.join(names)}."))


def _problem(name: str, summary: str, detail: str) -> Problem:
    return Problem((name,), error(summary, detail))
