"""What provider 0.8 recorded of its objects, told as kvmform records them.

Its state has an empty text where nothing was written, and in some places what was wished and never
done. Its records are known by the rows that they lack.
"""

from __future__ import annotations

from kvmform.schema import Object, Plain

__all__ = ["adopt", "adopt_domain", "adopt_network"]


def adopt(recorded: Object) -> Object:
    """A record with null for every empty text."""
    found: Object = _without_empty(recorded)
    return found


def adopt_domain(recorded: Object) -> Object:
    """The same of a domain: 0.8 took metadata, and wrote it nowhere; and a display has no port 0."""
    said = [each for each in recorded.get("nvram") or () if any(each.values())]
    displays = [{**each, "websocket": each.get("websocket") or None} for each in recorded.get("graphics") or ()]
    return adopt({**recorded, "nvram": said, "graphics": displays, "metadata": None})


def adopt_network(recorded: Object) -> Object:
    """The same of a network: where 0.8 recorded that names are not served, libvirt serves them all the same."""
    told = adopt(recorded)
    for server in told.get("dns") or ():
        if not server.get("enabled"):
            server.pop("enabled", None)
    return told


def _without_empty(value: Plain) -> Plain:
    match value:
        case "":
            return None
        case dict():
            return {name: _without_empty(item) for name, item in value.items()}
        case list():
            return [_without_empty(item) for item in value]
    return value
