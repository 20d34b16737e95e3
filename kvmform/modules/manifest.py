"""`modules.json`: which modules are installed, and where.

The format is Terraform's own, so either tool reads what the other installed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from kvmform.diagnostics import DiagnosticError
from kvmform.struct import Struct

__all__ = ["Record", "manifest_path", "manifest_text", "parse_manifest"]


class Record(Struct):
    """One installed module.

    `key` is its path of names with dots between (`lab.net`), "" for the root; `source` its
    address in normal form; `version` only of modules from a registry; `directory` starts
    at the root module's directory.
    """

    key: str
    source: str
    directory: str
    version: str = ""


def manifest_path(data_directory: Path) -> Path:
    """Where the manifest is."""
    return data_directory / "modules" / "modules.json"


def parse_manifest(text: str, path: Path) -> Mapping[str, Record]:
    """The records of a manifest, by key.

    Raises:
        DiagnosticError: it is none.
    """
    try:
        entries = json.loads(text)["Modules"] or []
        records = [Record(entry["Key"], entry["Source"], entry["Dir"], entry.get("Version") or "") for entry in entries]
        return {record.key: record for record in records}
    except (ValueError, LookupError, TypeError, AttributeError) as problem:
        detail = f"The record of installed modules {path} can't be read ({problem}). Remove it and run: kvmform init"
        raise DiagnosticError.of("Invalid module manifest", detail) from problem


def manifest_text(records: Iterable[Record]) -> str:
    """The manifest of these records, byte for byte as Terraform writes it."""
    entries = []
    for record in sorted(records, key=lambda each: each.key):
        entry = {"Key": record.key, "Source": record.source}
        if record.version:
            entry["Version"] = record.version
        entries.append({**entry, "Dir": record.directory})
    text = json.dumps({"Modules": entries}, separators=(",", ":"), ensure_ascii=False)
    for character in "&<>":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
