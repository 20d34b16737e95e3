"""What a place in a file is inside of, in a few words: `resource "libvirt_domain" "web"`."""

from __future__ import annotations

from functools import lru_cache
from json.encoder import encode_basestring

from kvmform.diagnostics import DiagnosticError, Source, SourceRange
from kvmform.lang.ast import Block
from kvmform.lang.parse import parse_config
from kvmform.lang.syntax.json_text import JsonArray, JsonObject, JsonValue, StringSource, read_json

__all__ = ["snippet_context"]


def snippet_context(subject: SourceRange) -> str | None:
    """What is round the place before the subject, as Terraform has it; None where nothing is.

    In HCL that is type and labels of a top-level block, in JSON a path: `resource.libvirt_domain.web`.
    """
    source, start = subject.source, subject.start
    if isinstance(source, StringSource):
        start = source.offset(start)
        source = source.file
    if source.filename.endswith(".json"):
        return _path_to(source, start - 1)
    for block in _top_level(source):
        if block.start < start <= block.end:
            return " ".join([block.type, *(encode_basestring(label.value) for label in block.labels)])
    return None


@lru_cache(maxsize=8)
def _top_level(source: Source) -> list[Block]:
    """The blocks of a file, as far as it can be read."""
    return parse_config(source.text, source.filename)[0].blocks


def _path_to(source: Source, offset: int) -> str | None:
    """The names and indexes that lead to the innermost object or array round an offset."""
    value: JsonValue | None = _document(source)
    path = ""
    while value is not None:
        step, value = _inside(value, offset)
        path += step
    return path.removeprefix(".") or None


def _inside(value: JsonValue, offset: int) -> tuple[str, JsonValue | None]:
    """The object or array inside a value that an offset is in, and the step to it."""
    inner: list[tuple[str, JsonValue]] = []
    match value:
        case JsonObject(properties=properties):
            inner = [(f".{each.name}", each.value) for each in properties]
        case JsonArray(items=items):
            inner = [(f"[{index}]", item) for index, item in enumerate(items)]
    for step, each in inner:
        if isinstance(each, JsonObject | JsonArray) and each.start <= offset < each.end:
            return step, each
    return "", None


@lru_cache(maxsize=8)
def _document(source: Source) -> JsonValue | None:
    try:
        return read_json(source)
    except DiagnosticError:
        return None
