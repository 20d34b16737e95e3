"""`csvdecode`.

Source: https://developer.hashicorp.com/terraform/language/functions/csvdecode; as strict on
quotes as Go's encoding/csv.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvmform.lang.functions.signature import Function, FunctionError, parameters
from kvmform.values.model import ListValue, Unknown, Value
from kvmform.values.types import DYNAMIC, STRING, ListType, Type, object_type

__all__ = ["FUNCTIONS"]

FIELD = re.compile(r'"(?P<quoted>(?:[^"]|"")*)"|(?P<bare>[^",\n]*)')


def records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The records of a CSV text with the number of their line; blank lines are none.

    Raises:
        FunctionError: a quote is where none may be, or missing.
    """
    text = text.replace("\r\n", "\n").removesuffix("\r")
    fields: list[str] = []
    start = at = 0
    line = 1
    while at < len(text):
        if text[at] == "\n" and not fields:
            start = at = at + 1
            line += 1
            continue
        found = FIELD.match(text, at)
        assert found is not None
        fields.append(found["quoted"].replace('""', '"') if found["bare"] is None else found["bare"])
        at = found.end()
        follows = text[at : at + 1]
        if follows not in {"", ",", "\n"}:
            quoted = text[found.start()] == '"'
            reason = 'extraneous or missing " in quoted-field' if quoted else 'bare " in non-quoted-field'
            raise FunctionError(f"CSV parse error on line {line}: {reason}")
        at += 1
        if follows == "," and at == len(text):
            fields.append("")
        if follows != "," or at == len(text):
            yield line, fields
            line += text.count("\n", start, at)
            start, fields = at, []


def header(text: str) -> list[str]:
    """The names in the first record.

    Raises:
        FunctionError: there is none, or a name in it twice.
    """
    names = next((fields for _, fields in records(text)), None)
    if names is None:
        raise FunctionError("missing header line")
    for index, name in enumerate(names):
        if name in names[:index]:
            raise FunctionError(f'duplicate column name "{name}"')
    return names


def csvdecode_type(text: Value) -> Type:
    if isinstance(text, Unknown):
        return DYNAMIC
    return ListType(object_type(dict.fromkeys(header(text), STRING)))


def csvdecode(text: str) -> ListValue:
    kind = csvdecode_type(text)
    assert isinstance(kind, ListType)
    (_, names), *rows = records(text)
    for line, fields in rows:
        if len(fields) != len(names):
            raise FunctionError(f"CSV parse error on line {line}: wrong number of fields")
    return ListValue(kind.element, tuple(dict(zip(names, fields, strict=True)) for _, fields in rows))


FUNCTIONS = (
    Function(
        "csvdecode",
        parameters(str=STRING),
        csvdecode_type,
        csvdecode,
        "A list of the rows of a CSV text, each an object with the names of the first row.",
    ),
)
