"""Devices as elements of a domain's XML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kvmform.schema import Edit, Plain
from kvmform.xml.document import Document, element_text, remove_element

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["attribute", "before", "find_known", "remove", "take_address"]


def attribute(element: Element, child: str, name: str) -> str:
    """An attribute of a child; empty where there is none."""
    found = element.find(child)
    return found.get(name, "") if found is not None else ""


def find_known(
    document: Document, find: Callable[[Document, str], Element | None], before: Plain, now: str
) -> Element | None:
    """A device by what it was known by, or by what it is known by since an earlier attempt."""
    found = find(document, before) if before else None
    return found if found is not None else find(document, now)


def before(touched: Mapping[int, Mapping[str, Edit]], index: int, name: str) -> Plain:
    """What an argument of the element with this index was, if it is edited."""
    edit = touched.get(index, {}).get(name)
    return edit.before if edit is not None else None


def take_address(element: Element, live: Element | None) -> None:
    """Put a device of the definition where the running guest has it."""
    address = live.find("address") if live is not None else None
    if address is not None and element.find("address") is None:
        element.append(Document.parse(element_text(address)).root)


def remove(element: Element | None) -> None:
    """Take an element out, if there is one."""
    if element is not None:
        remove_element(element)
