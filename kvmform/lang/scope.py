"""What an expression can see: names with values, references that somebody resolves, functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from kvmform.diagnostics import SourceRange
from kvmform.lang.functions.signature import CallContext
from kvmform.values.model import Value

__all__ = ["Resolver", "Scope"]


class Resolver(Protocol):
    """Gives the values of references: `var.size`, `libvirt_domain.web[0].id`."""

    def resolve(self, root: str, steps: tuple[str | int, ...], at: SourceRange) -> tuple[Value, int]:
        """The value that a reference leads to, and how many of its steps are already in that.

        The evaluator goes the rest of the steps as on any other value. Index keys come
        evaluated; the steps end before one that is neither a string nor a whole number, or
        that is unknown or marked.

        Args:
            root: the first word, for instance `var` or `libvirt_domain`.
            steps: what follows it: attribute names and index keys.
            at: the whole reference, with all its steps.

        Raises:
            DiagnosticError: nothing of that name is declared, or its value can't be had. This is
                for what is wrong whatever the values are: `try`, `can` and the branch of a
                conditional that is not chosen don't hide it. An element that merely isn't there
                is left to the evaluator, by consuming fewer steps.
        """
        ...


class Scope:
    """What the names in an expression mean.

    `names` are looked up first: `count` and `each`, variables of loops and of templates.
    Anything else is asked of the `resolver`. Without one only `names` can be referred to;
    without a `context` no function can be called.
    """

    __slots__ = ("context", "names", "resolver", "rounds")

    def __init__(
        self,
        resolver: Resolver | None = None,
        names: Mapping[Any, Value] | None = None,
        context: CallContext | None = None,
    ) -> None:
        self.resolver = resolver
        self.names: dict[Any, Value] = dict(names) if names else {}
        self.context = context
        self.rounds = [0]
        """How many rounds the loops of this evaluation have made; one list for all scopes inside one another."""

    @classmethod
    def empty(cls) -> Scope:
        """Where only constants are allowed, as in variable files and defaults."""
        return cls()

    def child(self, names: Mapping[Any, Value] | None = None) -> Scope:
        """This scope with more names, which hide those of the same spelling here."""
        inner = Scope(self.resolver, {**self.names, **(names or {})}, self.context)
        inner.rounds = self.rounds
        return inner
