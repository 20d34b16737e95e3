"""What makes one XML document of another, so that it can be carried over to a third, or be taken back there.

The third is what libvirt has made of one of the two: it has addresses and controllers of its own,
and other elements in between. So elements are found by what they are (a disk by its target, an
interface by its MAC address), and only where nothing tells them apart by their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING

from kvmform.struct import Struct
from kvmform.xml.document import insert_element, remove_element

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["ABSENT", "Difference", "apply_difference", "difference", "places"]

Key = tuple[str, str]
"""An element's name, and what tells it from others of this name below the same parent."""

_KEYS: Mapping[str, tuple[str, ...]] = {
    "disk": ("target/@dev",),
    "interface": ("mac/@address",),
    "filesystem": ("target/@dir",),
    "channel": ("target/@name",),
    "controller": ("@type", "@index"),
    "input": ("@type", "@bus"),
    "graphics": ("@type",),
    "feature": ("@name",),
    "timer": ("@name",),
    "entry": ("@name",),
    "vcpupin": ("@vcpu",),
    "iothreadpin": ("@iothread",),
    "cell": ("@id",),
}
"""What tells elements of a name apart; others are told apart by their order."""

ABSENT = "absent"
"""What stands for a place that is not there."""


class Difference(Struct):
    """How one element is to become another: of attributes and text what they are to be, None where they go.

    A number comes with its unit, as libvirt writes both in its own way. `inside`: elements that
    both have, each with its own difference. `added`: those that only the second has; `removed`:
    those that only the first has.
    """

    attributes: Mapping[str, str | None]
    text: str | None
    inside: Mapping[Key, Difference]
    added: Mapping[Key, Element]
    removed: tuple[Key, ...]

    @property
    def is_none(self) -> bool:
        """Whether the two say the same."""
        return not (self.attributes or self.text is not None or self.inside or self.added or self.removed)


def difference(before: Element, after: Element) -> Difference:
    """What makes `after` of `before`."""
    old, new = _children(before), _children(after)
    inside = {key: difference(old[key], new[key]) for key in old.keys() & new.keys()}
    names = {str(name) for name in (*before.keys(), *after.keys())}
    is_other_text = _text(before) != _text(after)
    changed = {name for name in names if before.get(name) != after.get(name) or (is_other_text and name == "unit")}
    return Difference(
        attributes={name: after.get(name) for name in sorted(changed)},
        text=_text(after) if is_other_text else None,
        inside={key: found for key, found in sorted(inside.items()) if not found.is_none},
        added={key: new[key] for key in new if key not in old},
        removed=tuple(key for key in old if key not in new),
    )


def apply_difference(change: Difference, element: Element, kept: Element | None = None) -> None:
    """Make the same change to another element; what it has already it gets no second time.

    `kept`: the element as it was before everything. What is added and was there already is taken
    from there, with what libvirt had put into it.
    """
    for name, value in change.attributes.items():
        if value is not None:
            element.set(name, value)
        elif name in element.attrib:
            del element.attrib[name]
    if change.text is not None:
        element.text = change.text
    present = _children(element)
    before = _children(kept) if kept is not None else {}
    for key, inner in change.inside.items():
        if key in present:
            apply_difference(inner, present[key], before.get(key))
    for key in change.removed:
        if key in present:
            remove_element(present[key])
    for key, new in change.added.items():
        if key in present:
            remove_element(present[key])
        insert_element(element, _with_address(deepcopy(new), before.get(key)))


def _with_address(element: Element, kept: Element | None) -> Element:
    """A device that was there already keeps the place that libvirt gave it, if it is on the same bus."""
    address = kept.find("address") if kept is not None else None
    if kept is not None and address is not None and element.find("address") is None and _bus(element) == _bus(kept):
        element.append(deepcopy(address))
    return element


def _bus(device: Element) -> str | None:
    target = device.find("target")
    return None if target is None else target.get("bus")


def places(change: Difference, element: Element | None, at: str = "") -> Iterator[tuple[str, str]]:
    """The places that a change is about, each with what an element has there."""
    for name in change.attributes:
        yield f"{at}@{name}", ABSENT if element is None else element.get(name, ABSENT)
    if change.text is not None:
        yield at.rstrip("/") or ".", ABSENT if element is None else _text(element)
    present = _children(element) if element is not None else {}
    for key, inner in change.inside.items():
        yield from places(inner, present.get(key), f"{at}{_step(key)}/")
    for key, new in change.added.items():
        yield from _all_places(new, present.get(key), f"{at}{_step(key)}/")
    for key in change.removed:
        yield f"{at}{_step(key)}", "present" if key in present else ABSENT


def _all_places(wanted: Element, element: Element | None, at: str) -> Iterator[tuple[str, str]]:
    """Every place that an added element has, with what is there."""
    for name in sorted(map(str, wanted.keys())):
        yield f"{at}@{name}", ABSENT if element is None else element.get(name, ABSENT)
    if _text(wanted) or not (len(wanted) or wanted.keys()):
        yield at.rstrip("/"), ABSENT if element is None else _text(element)
    present = _children(element) if element is not None else {}
    for key, inner in _children(wanted).items():
        yield from _all_places(inner, present.get(key), f"{at}{_step(key)}/")


def _children(element: Element) -> dict[Key, Element]:
    """The elements inside of one, by key."""
    found: dict[Key, Element] = {}
    counts: dict[str, int] = {}
    for child in element.iterchildren("*"):  # no comments
        name, known = str(child.tag), _identity(child)
        if not known or (name, known) in found:
            counts[name] = counts.get(name, 0) + 1
            known = str(counts[name])
        found[name, known] = child
    return found


def _identity(element: Element) -> str:
    values = [_value_at(element, path) for path in _KEYS.get(str(element.tag), ())]
    return ",".join(value for value in values if value) if values and values[0] else ""


def _value_at(element: Element, path: str) -> str | None:
    place, _, name = path.rpartition("@")
    found = element.find(place.rstrip("/")) if place else element
    return None if found is None else found.get(name)


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _step(key: Key) -> str:
    """An element in a place; the first of its kind needs no number."""
    name = key[0].rpartition("}")[2]
    return name if key[1] == "1" else f"{name}[{key[1]}]"
