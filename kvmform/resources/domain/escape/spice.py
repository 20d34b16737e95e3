"""The display that provider 0.8 gave to every guest, as far as stylesheets of its time need it.

kvmform makes displays only where they are written. A stylesheet that was written for 0.8 may change
the one that was always there, or add channels that are nothing without it. So it is offered to the
stylesheet, and taken away again if that made nothing of it.
"""

from __future__ import annotations

from kvmform.schema import Object
from kvmform.xml.document import Document, make_element, remove_element

__all__ = ["remove_lone_audio", "with_offered_display", "without_idle_display"]

_DISPLAY = {"type": "spice", "autoport": "yes"}
_WITHOUT = ("aarch64", "s390x", "ppc64", "ppc64le")
"""Architectures whose guests had none in 0.8 either."""


def with_offered_display(text: str, planned: Object) -> str:
    """The definition for a stylesheet, with the display where the domain has none of its own."""
    document = Document.parse(text)
    devices = document.find("devices")
    if planned["graphics"] or devices is None or document.get("os/type/@arch") in _WITHOUT:
        return text
    devices.append(make_element("graphics", _DISPLAY))
    return document.text


def without_idle_display(text: str, planned: Object) -> str:
    """What a stylesheet made, without the display if that is as it was offered and nothing speaks through it."""
    document = Document.parse(text)
    if planned["graphics"] or document.find(".//*[@type='spicevmc']") is not None:
        return text
    for display in document.find_all("devices/graphics"):
        if dict(display.items()) == _DISPLAY and not len(display):
            remove_element(display)
    return document.text


def remove_lone_audio(document: Document) -> None:
    """Take away the sound through SPICE that libvirt added with a display which is not there any more."""
    if document.find("devices/graphics[@type='spice']") is None:
        for audio in document.find_all("devices/audio[@type='spice']"):
            remove_element(audio)
