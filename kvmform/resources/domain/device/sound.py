"""Sound cards, and where the sound goes on the host."""

from __future__ import annotations

from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.rows import number, text
from kvmform.resources.domain.policies import at_boot
from kvmform.schema import Block, Row
from kvmform.schema.rules import at_least, one_of
from kvmform.values.types import NUMBER, STRING

__all__ = ["AUDIO", "SOUND"]

_AT_START = at_boot("libvirt can't plug sound cards")
_MODELS = ("ich9", "ich7", "ich6", "ac97", "es1370", "sb16", "usb", "virtio")
_BACKENDS = ("none", "spice", "alsa", "coreaudio", "dbus", "jack", "oss", "pulseaudio", "sdl", "file")

SOUND = Device(
    name="sound",
    rules=(one_of("model", _MODELS),),
    block=Block(
        doc="A sound card.",
        xml="devices/sound",
        match=(("model",),),
        pair_rest=False,
        change=_AT_START,
        rows={
            "model": text("`ich9`, `ich6`, `ac97`, `usb`, …", "@model", _AT_START, default="ich9"),
            "audio_id": number("`id` of the `audio` block that it is connected to.", "audio/@id", _AT_START),
        },
    ),
)

AUDIO = Device(
    name="audio",
    rules=(one_of("type", _BACKENDS), at_least("id", 1)),
    block=Block(
        doc="Where sound goes on the host; libvirt adds one that fits the graphics.",
        xml="devices/audio",
        match=(("id",),),
        pair_rest=False,
        change=_AT_START,
        rows={
            "id": Row(
                type=NUMBER, required=True, xml="@id", change=_AT_START, doc="Number by which sound cards name it."
            ),
            "type": Row(
                type=STRING,
                required=True,
                xml="@type",
                change=_AT_START,
                doc="`none`, `spice`, `alsa`, `pulseaudio`, `jack`, `file`, …",
            ),
        },
    ),
)
