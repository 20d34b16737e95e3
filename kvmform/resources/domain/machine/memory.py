"""Memory that is plugged in while the guest runs: modules, in the slots that the domain has for them.

Without slots `max_memory` is what the guest starts with, and the balloon takes from it what
the guest shall not have. With `memory_slots` the guest starts with `memory`; what is more
than that, up to `max_memory`, comes as modules (DIMMs), each as large as what was lacking.
Modules belong to a NUMA node, so a guest for which none is written has one for everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.host.affect import Affect
from kvmform.host.devices import attach_device, set_memory
from kvmform.resources.domain.running_guest import RunningGuest
from kvmform.schema import Object
from kvmform.xml.codecs import MIB
from kvmform.xml.document import Document, element_text, remove_element

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["free_slots", "grow_live", "lay_out_memory", "memory_given", "most_memory"]

_KIB_PER_MIB = 1024
_MODULES = "devices/memory"
_CELLS = "cpu/numa/cell"


def memory_given(document: Document) -> int:
    """How much memory, in MiB, the machine has, modules included: as far as the balloon can be let out."""
    return _size(document, "memory") or 0


def most_memory(document: Document) -> int | None:
    """How much memory, in MiB, it can have with every module; None if it has no slots."""
    return _size(document, "maxMemory")


def free_slots(document: Document) -> int:
    """How many modules can still be plugged in."""
    return int(document.get("maxMemory/@slots") or 0) - len(document.find_all(_MODULES))


def grow_live(guest: RunningGuest) -> None:
    """Give a running guest its memory: plug in a module for what it lacks, and move the balloon.

    Raises:
        HostError: libvirt refuses.
    """
    wanted = guest.planned["memory"]
    lacking = wanted - memory_given(guest.document)
    if lacking > 0 and most_memory(guest.document) is not None:
        guest.operation.progress("plugging in memory", None, None)
        attach_device(guest.host, guest.uuid, _module(lacking), Affect.LIVE)
    set_memory(guest.host, guest.uuid, wanted * _KIB_PER_MIB, Affect.LIVE)


def lay_out_memory(document: Document, domain: Object, live: Document | None) -> None:
    """Bring the memory of a definition up to date, as the running guest has it where that has enough.

    Args:
        document: the definition, whose processor is up to date.
        domain: what is planned.
        live: the guest that runs on meanwhile, if one does.
    """
    _forget_layout(document, domain)
    if not domain["memory_slots"]:
        _write(document, "memory", domain["max_memory"])
        _write(document, "currentMemory", domain["memory"])
        return
    _write(document, "maxMemory", domain["max_memory"])
    _found(document, "maxMemory").set("slots", str(domain["memory_slots"]))
    keeps = live is not None and most_memory(live) is not None and memory_given(live) >= domain["memory"]
    modules = [element_text(module) for module in live.find_all(_MODULES)] if keeps and live is not None else []
    given = memory_given(live) if keeps and live is not None else domain["memory"]
    _write(document, "memory", given)
    _write(document, "currentMemory", domain["memory"])
    first = given - sum(MIB.decode(_text_of_size(Document.parse(module), "target/size")) for module in modules)
    written = sum(_cell_sizes(document))
    if not written:
        _add_cell(document, domain["max_vcpu"], first)
    elif not keeps and written < given:
        modules = [_module(given - written)]
    for module in modules:
        document.add("devices", module)


def _forget_layout(document: Document, domain: Object) -> None:
    """Take away modules, slots, and the node that nobody wrote."""
    is_written = any(numa["cell"] for cpu in domain["cpu"] or () for numa in cpu["numa"])
    paths = [_MODULES, "maxMemory"]
    if document.find("maxMemory") is not None and not is_written:
        paths.append("cpu/numa")
    for path in paths:
        for element in document.find_all(path):
            remove_element(element)


def _add_cell(document: Document, processors: int, size: int) -> None:
    if document.find("cpu") is None:
        document.add("", "<cpu/>")
    cpus = f"0-{processors - 1}" if processors > 1 else "0"
    document.add("cpu", f'<numa><cell id="0" cpus="{cpus}" memory="{size * _KIB_PER_MIB}" unit="KiB"/></numa>')


def _cell_sizes(document: Document) -> list[int]:
    return [
        int(MIB.decode(f"{cell.get('memory', '0')} {cell.get('unit', 'KiB')}")) for cell in document.find_all(_CELLS)
    ]


def _module(size: int) -> str:
    return f'<memory model="dimm"><target><size unit="MiB">{size}</size><node>0</node></target></memory>'


def _size(document: Document, path: str) -> int | None:
    return None if document.find(path) is None else int(MIB.decode(_text_of_size(document, path)))


def _text_of_size(document: Document, path: str) -> str:
    unit = document.get(f"{path}/@unit") or "KiB"
    return f"{(document.get(path) or '').strip()} {unit}"


def _write(document: Document, path: str, mebibytes: int) -> None:
    if document.find(path) is None:
        document.add("", f"<{path}/>")
    element = _found(document, path)
    element.text = str(mebibytes * _KIB_PER_MIB)
    element.set("unit", "KiB")


def _found(document: Document, path: str) -> Element:
    element = document.find(path)
    assert element is not None
    return element
