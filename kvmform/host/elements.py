"""Reading single facts out of XML that libvirt made.

Whole objects are read through :mod:`kvmform.xml`; this room only needs a name, a MAC
address or a machine type now and then, and takes the standard library's parser for it.
The parser is loaded when it is first needed: a command that talks to no host needs none.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["format_in", "name_in", "parse", "text_of"]

_NAME = re.compile(r"<name>([^<]*)</name>")
_FORMAT = re.compile(r"""<format type=["']([^"']*)["']""")


def parse(text: str) -> Element:
    """Root element of an XML document.

    Raises:
        xml.etree.ElementTree.ParseError: `text` is not XML.
    """
    from xml.etree.ElementTree import fromstring

    return fromstring(text)  # noqa: S314 - from libvirt or the user's own file, not from strangers


def text_of(element: Element, path: str, default: str = "") -> str:
    """Stripped text of the first element at `path`; `default` if there is none."""
    return (element.findtext(path) or default).strip()


def name_in(xml: str) -> str:
    """The object's name in a definition that may be wrong otherwise; empty if it has none."""
    found = _NAME.search(xml)
    return html.unescape(found[1]).strip() if found else ""


def format_in(xml: str) -> str:
    """The format of a volume without a base, in its definition; empty if that doesn't say."""
    found = _FORMAT.search(xml)
    return found[1] if found else ""
