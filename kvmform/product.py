"""What kvmform calls itself: its own name, or another product's where a program that runs it knows no other.

Programs that run Terraform read its name in the first line of `version`, and in a few sentences. One that runs
kvmform under the name `terraform` or `tofu` (a link to it, first on its PATH) is told what it expects.
"""

from __future__ import annotations

from collections.abc import Mapping

from kvmform.diagnostics import DiagnosticError
from kvmform.struct import Struct

__all__ = ["KVMFORM", "Product", "product"]


class Product(Struct):
    """A name, for sentences; and what one types, for commands."""

    name: str
    program: str

    @property
    def is_own(self) -> bool:
        """Whether it is kvmform's own name."""
        return self.program == "kvmform"

    def says(self, text: str, **values: str) -> str:
        """A text with `{product}` and `{program}` in it, and whatever else `values` has."""
        return text.format(product=self.name, program=self.program, **values)


KVMFORM = Product("kvmform", "kvmform")
_KNOWN = {each.program: each for each in (KVMFORM, Product("Terraform", "terraform"), Product("OpenTofu", "tofu"))}


def product(program: str, environment: Mapping[str, str]) -> Product:
    """The one that KVMFORM_COMPAT says, else the one whose program's name `program` ends with, else kvmform.

    Raises:
        DiagnosticError: KVMFORM_COMPAT says none of them.
    """
    said = environment.get("KVMFORM_COMPAT", "")
    if not said:
        return _KNOWN.get(program.rpartition("/")[2], KVMFORM)
    if said not in _KNOWN:
        detail = f'KVMFORM_COMPAT is {", ".join(_KNOWN)}, or is not set; "{said}" is none of them.'
        raise DiagnosticError.of("Invalid KVMFORM_COMPAT", detail)
    return _KNOWN[said]
