"""The tree that `providers` shows: what each module needs, and what the state needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kvmform.config.module import Module
from kvmform.config.requirements import required_by

__all__ = ["providers_text"]

_BLANK, _LINE = "    ", "│\u00a0\u00a0 "
"""Below a branch that is the last one, and below another; Terraform's spaces are of the kind that doesn't break."""


def providers_text(root: Module, in_state: Iterable[str]) -> str:
    """Terraform's tree of the modules below `root`, and the providers of the objects in state."""
    text = "\n".join(["", "Providers required by configuration:", ".", *_branches(root, "")])
    needed = sorted(set(in_state))
    if needed:
        text += "\n\nProviders required by state:\n\n" + "".join(
            f"    provider[{address}]\n\n" for address in needed
        ).removesuffix("\n")
    return text


def _branches(module: Module, indent: str) -> Iterator[str]:
    providers = [f"provider[{address}] {versions}".rstrip() for address, versions in required_by(module).items()]
    names = sorted(module.children)
    lines = [*providers, *(f"module.{name}" for name in names)]
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        yield f"{indent}{'└──' if last else '├──'} {line}"
        if number >= len(providers):
            child = module.children[names[number - len(providers)]]
            yield from _branches(child, indent + (_BLANK if last else _LINE))
