"""How text is written: colour where it is wanted, a few styles by their meaning; and who is said to speak."""

from __future__ import annotations

from kvmform.product import KVMFORM, Product
from kvmform.struct import Struct

__all__ = ["Style"]

_CODES = {
    "bold": "1",
    "dim": "2",
    "create": "32",
    "update": "33",
    "delete": "31",
    "read": "36",
    "error": "1;31",
    "warning": "1;33",
    "good": "1;32",
    "underline": "4",
}


class Style(Struct):
    """Writes text in a style; as it is when colour is off. Sentences have the name of `product`.

    `boxed`: whether a diagnostic stands in a box, as Terraform has it unless -no-color is given. Programs that look
    for lines that begin with `Error: ` give it.
    """

    color: bool
    product: Product = KVMFORM
    boxed: bool = True

    def __call__(self, name: str, text: str) -> str:
        """The text in the style of that name."""
        return f"\033[{_CODES[name]}m{text}\033[0m" if self.color and text else text
