"""Devices of a definition that the running guest has not, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvmform.resources.domain.device.buses import obstacle
from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.shape import agree
from kvmform.schema import Object, Plain, pair_elements

__all__ = ["device_differences"]


def device_differences(device: Device, definition: Object, live: Object, facts: Mapping[str, Plain]) -> Iterator[bool]:
    """For each device that differs, whether it can be brought about without a boot."""
    for old, new in pair_elements(device.block, live[device.name], definition[device.name]):
        if old is not None and new is not None:
            before, after = live[device.name][old], definition[device.name][new]
            if not all(agree(row, before.get(name), after.get(name)) for name, row in device.block.rows.items()):
                yield False
        elif new is not None:
            yield obstacle(device.bus(definition[device.name][new]), facts) is None
        elif old is not None:
            yield False
