"""What one document has and another, made from what is known of it, has not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kvmform.xml.difference import ABSENT, difference, places

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["unsaid"]


def unsaid(known: Element, actual: Element, passed_over: re.Pattern[str]) -> Iterator[str]:
    """The places of the actual document that the known one lacks, with what is there, as `devices/hub/@type = usb`.

    Args:
        known: the document that says all that is known.
        actual: the one that libvirt has.
        passed_over: what places look like that mean nothing: what libvirt fills in by itself.
    """
    for place, value in places(difference(known, actual), actual):
        if value != ABSENT and not passed_over.search(place):
            yield f"{place} = {' '.join(value.split())}"
