"""The data sources `local_file` and `local_sensitive_file`: what is in a file.

Source: https://registry.terraform.io/providers/hashicorp/local, version 2.5.
"""

from __future__ import annotations

import base64

from kvmform.diagnostics import DiagnosticError
from kvmform.resources.paths import located
from kvmform.resources.recorded import made
from kvmform.resources.written import checksum_rows, checksums
from kvmform.schema import DataSource, Object, Reading, Row, Schema
from kvmform.values.types import STRING

__all__ = ["file_data_source"]


def file_data_source(name: str, *, sensitive: bool) -> DataSource[None]:
    """The data source of that name."""
    schema = Schema(
        doc=f"What is in a file on the machine where kvmform runs{', not shown' if sensitive else ''}.",
        rows={
            "id": made(STRING, "SHA-1 checksum of the content."),
            "filename": Row(type=STRING, doc="Path of the file; it must be there.", required=True),
            "content": made(STRING, "The content as a text, with U+FFFD for what is not UTF-8.", sensitive=sensitive),
            "content_base64": made(STRING, "The content in base64.", sensitive=sensitive),
            **checksum_rows("content"),
        },
    )
    return DataSource(name=name, schema=schema, read=_read, needs_host=False)


def _read(reading: Reading[None], config: Object) -> Object:
    path = located(reading.base_directory, config["filename"])
    try:
        content = path.read_bytes()
    except OSError as problem:
        detail = f"The file {path} can't be read: {problem.strerror}."
        raise DiagnosticError.of("Read local file data source error", detail) from problem
    found = checksums(content, "content")
    return {
        **config,
        **found,
        "id": found["content_sha1"],
        "content": content.decode(errors="replace"),
        "content_base64": base64.b64encode(content).decode(),
    }
