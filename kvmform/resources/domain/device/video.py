"""Video cards."""

from __future__ import annotations

from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.rows import flag, number, text
from kvmform.resources.domain.rows import AT_START
from kvmform.schema import Block
from kvmform.schema.rules import at_least, one_of

__all__ = ["VIDEO"]

_MODELS = (
    *("vga", "cirrus", "vmvga", "xen", "vbox", "qxl", "virtio", "gop", "none", "bochs", "ramfb"),
    "",  # Provider 0.8 takes it for its default.
)
_QXL = ("type", ("qxl",))

VIDEO = Device(
    name="video",
    sole=True,
    offered={"type": "video/modelType"},
    rules=(
        one_of("type", _MODELS),
        *(at_least(name, 1) for name in ("vram", "ram", "vgamem", "vram64", "heads")),
    ),
    block=Block(
        doc="A video card; libvirt adds one where there are graphics.",
        xml="devices/video",
        match=(("type",),),
        change=AT_START,
        rows={
            "type": text("`cirrus`, `virtio`, `qxl`, `vga`, `bochs`, `none`, …", "model/@type", default="cirrus"),
            "vram": number("Video memory in KiB.", "model/@vram", only_with=("type", ("vga", "qxl", "bochs", "vmvga"))),
            "ram": number("Size of the first bar of `qxl`, in KiB.", "model/@ram", only_with=_QXL),
            "vgamem": number("Memory of the VGA mode of `qxl`, in KiB.", "model/@vgamem", only_with=_QXL),
            "vram64": number("Size of the 64-bit bar of `qxl`, in KiB.", "model/@vram64", only_with=_QXL),
            "heads": number("Number of screens.", "model/@heads", only_with=("type", ("qxl", "virtio"))),
            "primary": flag("Whether it is the first card, which the firmware uses.", "model/@primary"),
            "accel3d": flag(
                "Draw in three dimensions on the host; needs graphics with `gl`.",
                "model/acceleration/@accel3d",
                only_with=("type", ("virtio",)),
            ),
        },
    ),
)
