"""Lay the escape over a definition, and see a definition as if there were none.

A definition that went through an escape says other things than the rows do. So it is never read
or patched as it is: what the escape does is worked out from the domain's arguments (the
definition as they alone would have it, beside the one that the escape makes of that), and is
taken back first. Then the rows are read, or patched, as ever, and it is laid on again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.resources.domain.definition import definition_of, definition_values, with_placed
from kvmform.resources.domain.disk.drive import assign_targets
from kvmform.resources.domain.escape.rows import WAYS
from kvmform.resources.domain.escape.spice import with_offered_display, without_idle_display
from kvmform.resources.domain.escape.values import template_values
from kvmform.resources.domain.schema import SCHEMA
from kvmform.schema import Object, Plain, Row
from kvmform.struct import Struct
from kvmform.values.model import Unknown
from kvmform.xml.difference import Difference, apply_difference, difference, places
from kvmform.xml.document import Document, make_element, parse_element, remove_element
from kvmform.xml.overlay import overlaid
from kvmform.xml.owner import Owner, write_owner
from kvmform.xml.rows import read_rows
from kvmform.xml.sandbox import render_user_template
from kvmform.xml.stylesheet import transform

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["Escape", "escape_of", "escaped_xml", "recorded_escape", "settled"]

_NOBODY = Owner("", "")
_NEVER_PLUGGED = {"emulator", "memballoon", "graphics", "video", "audio", "console", "serial", "panic", "tpm", "iommu"}
"""Devices that a guest has from its start to its end."""


def escaped_xml(host: Host, planned: Object, owner: Owner) -> str:
    """The XML of a new domain, with the escape carried out where there is one.

    Raises:
        DiagnosticError: the escape can't be carried out, or makes another domain of it.
    """
    plain = definition_of(host, planned, owner)
    ways = _ways(planned)
    if not ways:
        return plain
    text = plain
    if "template" in ways:
        values = definition_values(host, planned)
        text = with_placed(render_user_template(ways["template"], template_values(values)), planned)
    if "xslt" in ways:
        text = without_idle_display(transform(with_offered_display(text, planned), ways["xslt"]), planned)
    if "overlay" in ways:
        text = overlaid(text, ways["overlay"])
    document = Document.parse(text)
    _keep_identity(document, planned)
    write_owner(document, owner)
    document.indent()
    return document.text + "\n"


def _ways(domain: Object) -> Object:
    """The arguments of the escape that say something."""
    blocks = domain.get("xml")
    if not isinstance(blocks, list):
        return {}
    given = {name: block.get(name) for block in blocks for name in WAYS}
    return {name: value for name, value in given.items() if value and not isinstance(value, Unknown)}


def _keep_identity(document: Document, planned: Object) -> None:
    """Whatever an escape does: it is the same domain."""
    if document.root.tag != "domain":
        detail = f"What the xml block makes begins with the element {document.root.tag}, and must be a domain."
        raise DiagnosticError.of("No domain", detail)
    for tag, known in (("name", planned["name"]), ("uuid", planned["id"])):
        found = document.find(tag)
        if found is None:
            element = make_element(tag, {})
            element.text = known
            document.root.insert(0, element)
        elif (found.text or "").strip() != known:
            raise DiagnosticError.of(
                "Another domain",
                f'The xml block gives the domain the {tag} "{found.text}", and kvmform knows it as "{known}". Leave '
                f"the {tag} as it is" + (", and use the argument `name`." if tag == "name" else "."),
            )


class Escape(Struct):
    """What an escape does to the definition of one domain, and how that is taken back.

    `overruled`: the arguments, not those of blocks, of which it makes another value.
    """

    done: Difference
    undone: Difference
    overruled: tuple[str, ...]

    def undo(self, document: Document) -> None:
        """Make a definition, or the XML of a running guest, what it would be without the escape."""
        apply_difference(self.undone, document.root)

    def redo(self, document: Document, before: Element) -> None:
        """Carry the escape out; `before` is the definition as libvirt has it."""
        apply_difference(self.done, document.root, before)

    def effect(self, document: Document) -> dict[str, str]:
        """What a definition has at the places that the escape is about."""
        return dict(places(self.done, document.root))

    @property
    def moves_devices(self) -> bool:
        """Whether it has its hands on devices that the table plugs: into a running guest it would plug others."""
        devices = self.done.inside.get(("devices", "1"))
        if devices is None:
            return False
        return any(name not in _NEVER_PLUGGED for name, _ in (*devices.inside, *devices.added, *devices.removed))

    def told(self, document: Document, recorded: Object) -> Object:
        """The escape's block as it is in force: without its texts where a definition has other things by now."""
        now, before = self.effect(document), recorded.get("effect") or {}
        is_in_force = all(now.get(place, value) == value for place, value in before.items())
        return {**(recorded if is_in_force else dict.fromkeys(recorded)), "effect": now}


def recorded_escape(host: Host, domain: Object) -> Escape | None:
    """The escape of a domain as recorded; None too where it can't be carried out here, as one that imports others."""
    try:
        return escape_of(host, domain)
    except DiagnosticError:
        return None


def escape_of(host: Host, domain: Object) -> Escape | None:
    """The escape of a domain as planned; None where it has none.

    Raises:
        DiagnosticError: it can't be carried out.
    """
    if not _ways(domain):
        return None
    known = _completed(settled(domain))
    plain = parse_element(definition_of(host, known, _NOBODY))
    escaped = parse_element(escaped_xml(host, known, _NOBODY))
    for one, other in ((plain, escaped), (escaped, plain)):
        _remove_ports(one, other)
    return Escape(difference(plain, escaped), difference(escaped, plain), _overruled(plain, escaped))


def _overruled(plain: Element, escaped: Element) -> tuple[str, ...]:
    rows = {name: row for name, row in SCHEMA.rows.items() if isinstance(row, Row) and row.xml is not None}
    before, after = _said(plain, rows), _said(escaped, rows)
    return tuple(name for name, row in rows.items() if not row.same(before[name], after[name]))


def _said(root: Element, rows: Mapping[str, Row]) -> Object:
    """What a definition says of these arguments; where it gives no others, memory and processors are all there are."""
    said = read_rows(root, rows)
    return said | {name: said[name] or said[f"max_{name}"] for name in ("memory", "vcpu")}


def _remove_ports(one: Element, other: Element) -> None:
    """Take out PCI ports that only one of two definitions has: libvirt adds those that it needs by itself."""
    path = "devices/controller[@type='pci']"
    indexes = {port.get("index") for port in other.iterfind(path)}
    for port in list(one.iterfind(path)):
        if port.get("index") not in indexes:
            remove_element(port)


def _completed(domain: Object) -> Object:
    """A domain with everything that a definition is made of; a record of provider 0.8 lacks some."""
    known: Object = {}
    for name, row in SCHEMA.rows.items():
        given = domain.get(name)
        if isinstance(row, Row):
            known[name] = row.default if given is None else given
        else:
            known[name] = [{inner: each.get(inner) for inner in row.rows} for each in given or ()]
    known["disk"] = assign_targets(known["disk"], known["machine"], ())
    known["type"] = known["type"] or "kvm"
    return known | {f"max_{name}": known[f"max_{name}"] or known[name] for name in ("memory", "vcpu")}


def settled(value: Plain) -> Plain:
    """Planned values with something in the place of what is not known yet."""
    match value:
        case Unknown():
            return value.prefix or None
        case dict():
            return {name: settled(item) for name, item in value.items()}
        case list():
            return [settled(item) for item in value]
    return value
