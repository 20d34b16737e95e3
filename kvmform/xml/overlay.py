"""Set, add and remove single elements and attributes of a document, each by its path: `xml { overlay = {…} }`.

A path leads from the root element: `devices/memballoon/@model`, `cpu/feature[@name='vmx']/@policy`,
`devices/interface[2]/driver/@queues`. What stands there decides:

* a text is the attribute's value, or the element's text; every place that the path fits gets it. Elements that
  are missing are made, with the attributes that the path says of them;
* a text that begins with `<` is XML that is put into the element at the path;
* null removes what is at the path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kvmform.diagnostics import DiagnosticError
from kvmform.xml.document import NAMESPACES, Document, insert_element, make_element, parse_element, remove_element

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["check_path", "overlaid"]

_NAME = r"(?:(?:qemu|kvmform):)?[A-Za-z_][\w.-]*"
_STEP = re.compile(rf"(?P<name>{_NAME})(?P<conditions>(?:\[(?:@{_NAME}='[^']*'|{_NAME}='[^']*'|\d+)\])*)")
_CONDITION = re.compile(rf"\[@({_NAME})='([^']*)'\]")
_OTHER_CONDITION = re.compile(r"\[[^@]")


def overlaid(text: str, overlay: Mapping[str, str | None]) -> str:
    """The document with everything that an overlay says, in the order of its paths.

    Raises:
        DiagnosticError: a path is none, or leads to an element that is not there and can't be made.
    """
    document = Document.parse(text)
    for path, value in sorted(overlay.items()):
        check_path(path)
        _lay(document.root, path, value)
    return document.text


def check_path(path: str) -> None:
    """Whether a text is a path.

    Raises:
        DiagnosticError: it is none.
    """
    place, attribute = _split(path)
    is_one = all(_STEP.fullmatch(step) for step in _steps(place)) and (place or attribute)
    if not is_one or (attribute is not None and not re.fullmatch(_NAME, attribute)):
        raise DiagnosticError.of(
            "Invalid path",
            f'"{path}" is no path in libvirt\'s XML. Write names of elements with slashes between them, and an '
            "attribute as the last step: devices/memballoon/@model. A step may say which of several elements it means: "
            "devices/disk[@device='cdrom'], devices/interface[2].",
        )


def _split(path: str) -> tuple[str, str | None]:
    """The path of the element, and the attribute's name where the path ends in one."""
    head, _, last = path.rpartition("/")
    return (head, last[1:]) if last.startswith("@") else (path, None)


def _steps(place: str) -> list[str]:
    return re.split(r"/(?![^\[]*\])", place) if place else []


def _lay(root: Element, path: str, value: str | None) -> None:
    place, attribute = _split(path)
    found = _find(root, place)
    if value is None:
        for element in found:
            if attribute is None:
                remove_element(element)
            elif attribute in element.attrib:
                del element.attrib[attribute]
        return
    for element in found or [_make(root, place, path)]:
        if attribute is not None:
            element.set(attribute, value)
        elif value.lstrip().startswith("<"):
            for new in _fragment(value, path):
                insert_element(element, new)
        else:
            element.text = value


def _find(root: Element, place: str) -> list[Element]:
    return list(root.iterfind(place, NAMESPACES)) if place else [root]


def _make(root: Element, place: str, path: str) -> Element:
    """The element at a place, with those on the way to it."""
    element, way = root, ""
    for step in _steps(place):
        way = f"{way}/{step}" if way else step
        found = next(iter(_find(root, way)), None)
        if found is None:
            match = _STEP.fullmatch(step)
            assert match is not None, "the path was checked"
            if _OTHER_CONDITION.search(match["conditions"]):
                raise DiagnosticError.of(
                    "No such element",
                    f"The overlay's path \"{path}\" means an element {way} of the domain's XML, and there is none. It "
                    "could only be made if the path said what it is by attributes: [@name='value'].",
                )
            found = make_element(match["name"], dict(_CONDITION.findall(match["conditions"])))
            insert_element(element, found)
        element = found
    return element


def _fragment(text: str, path: str) -> Iterator[Element]:
    declared = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in NAMESPACES.items())
    try:
        yield from list(parse_element(f"<overlay {declared}>{text}</overlay>"))
    except DiagnosticError as problem:
        detail = f'What the overlay puts at "{path}" begins with "<", so it is taken for XML.'
        raise DiagnosticError.of("Invalid XML", f"{detail} {problem.diagnostics[0].detail}") from None
