"""The order of devices to boot from, and the kernel's arguments: in words, and in the XML."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.schema import Object, Plain
from kvmform.xml.document import Document, remove_element

__all__ = ["boot_order", "cmdline_text", "keep_one_order", "read_boot_devices", "read_cmdline"]


def boot_order(boot_devices: Sequence[Object]) -> list[str]:
    """The devices of all `boot_device` blocks, in order."""
    return [device for block in boot_devices for device in block["dev"] or ()]


def keep_one_order(document: Document) -> None:
    """Where devices say by themselves when they are booted from, libvirt takes no order beside that."""
    if document.find("devices/*/boot") is not None:
        for element in document.find_all("os/boot"):
            remove_element(element)


def read_boot_devices(document: Document, prior: Sequence[Object]) -> list[Object]:
    """The boot order in the words of `prior` where that says the same, else in one block."""
    order = [element.get("dev", "") for element in document.find_all("os/boot")]
    if order == boot_order(prior):
        return list(prior)
    return [{"dev": order}] if order else []


def cmdline_text(cmdline: Sequence[dict[str, str]]) -> str:
    """The kernel's command line: each map in its place, sorted by name; `_` holds words without a name."""
    words = []
    for arguments in cmdline:
        for name, value in sorted(arguments.items()):
            words.append(value if name == "_" else f"{name}={value}")
    return " ".join(words)


def read_cmdline(document: Document, prior: Sequence[dict[str, str]]) -> Plain:
    """The kernel's arguments in the words of `prior` where that says the same; provider 0.8 sorted all words."""
    text = document.get("os/cmdline") or ""
    meant = cmdline_text(prior)
    if text in {meant, " ".join(sorted(meant.split(" ")))}:
        return list(prior)
    return [{"_": text}] if text else None
