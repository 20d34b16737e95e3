"""Where a `terraform` block says that the state is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvmform.config.files import parse_file
from kvmform.lang.ast import Block, Literal

__all__ = ["local_backend_path"]


def local_backend_path(texts: Mapping[str, str]) -> str | None:
    """The `path` of a `backend "local"` block in the files of a root module; None if they don't give one.

    It is needed before anything else is, so what is wrong with the files is not told here.
    """
    for backend in _backends(texts):
        path = backend.body.attributes.get("path")
        match path and path.expression:
            case Literal(value=str(text)) if _is_local(backend):
                return text
    return None


def _backends(texts: Mapping[str, str]) -> Iterator[Block]:
    for name, text in texts.items():
        # Most labs have none, and then nothing is parsed for it.
        if "backend" in text:
            body, _ = parse_file(text, name)
            for block in (outer for outer in body.blocks if outer.type == "terraform"):
                yield from (inner for inner in block.body.blocks if inner.type == "backend")


def _is_local(backend: Block) -> bool:
    return [label.value for label in backend.labels] == ["local"]
