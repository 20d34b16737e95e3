"""Graphical consoles."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.rows import flag, number, text
from kvmform.resources.domain.equivalence import same_number, same_text
from kvmform.resources.domain.policies import NO_HOTPLUG, idle_effect, needs_boot
from kvmform.resources.domain.rows import AT_START
from kvmform.schema import Block, Disruption, EditContext, Effect, Object, Plain, Problem, Row
from kvmform.schema.rules import at_least, at_most, matching, one_of
from kvmform.struct import replace
from kvmform.values.types import BOOL, STRING
from kvmform.xml.document import Document

__all__ = ["GRAPHICS", "drop_old_forms"]

_TYPES = ("spice", "vnc", "sdl", "egl-headless", "dbus")
_SPICE = ("type", ("spice",))
_VNC = ("type", ("vnc",))
_SERVERS = ("type", ("spice", "vnc"))
_ANY_PORT = ("listen_type", ("address", "network"))
_LONGEST_VNC_PASSWORD = 8


def _password_edited(context: EditContext) -> Effect:
    """`live` for a display that was started with a password; its first or last one: `reboot`."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    if not context.facts.get("hotplug"):
        return needs_boot(context, NO_HOTPLUG)
    block, index, name = context.edit.path
    after = context.after[str(block)][int(index)]["password"]
    before = context.edit.before if name == "password" else after
    if not before or not after:
        return needs_boot(context, "whether a display asks for a password is decided when it starts")
    return Effect(Disruption.LIVE, "whoever connects from now on is asked for the new one")


def _vnc_password(graphics: Object) -> Iterator[Problem]:
    password = graphics["password"]
    if graphics["type"] == "vnc" and isinstance(password, str) and len(password.encode()) > _LONGEST_VNC_PASSWORD:
        detail = "VNC compares no more than the first 8 bytes of a password, so libvirt takes none that is longer."
        yield Problem(("password",), error("Password too long for VNC", detail))


def _tls_is_of_spice(graphics: Object) -> Iterator[Problem]:
    if graphics["type"] == "vnc" and graphics["tls_port"] is not None:
        yield Problem(("tls_port",), error("VNC has no port for TLS", "Only SPICE has a port of its own for TLS."))


def _same_autoport(before: Plain, after: Plain) -> bool:
    """Libvirt chooses the port unless it is told not to."""
    return (before is not False) == (after is not False)


def _same_websocket(before: Plain, after: Plain) -> bool:
    """Any port will do where libvirt is to choose one; provider 0.8 recorded 0 where nothing was written."""
    return same_number(before, after) or (after == -1 and bool(before))


def _secret(doc: str, xml: str, *, sensitive: bool) -> Row:
    return Row(
        type=STRING,
        doc=doc,
        xml=xml,
        untold=True,
        sensitive=sensitive,
        change=_password_edited,
        same=same_text,
        only_with=_SERVERS,
    )


GRAPHICS = Device(
    name="graphics",
    key=("type",),
    offered={"type": "graphics/type"},
    updates=frozenset({"password", "password_valid_to"}),
    rules=(
        one_of("type", ("", *_TYPES)),
        one_of("listen_type", ("", "none", "address", "network", "socket")),
        one_of("share_policy", ("allow-exclusive", "force-shared", "ignore")),
        one_of("image_compression", ("auto_glz", "auto_lz", "quic", "glz", "lz", "off")),
        one_of("jpeg_compression", ("auto", "never", "always")),
        one_of("zlib_compression", ("auto", "never", "always")),
        one_of("streaming_mode", ("filter", "all", "off")),
        one_of("mouse_mode", ("server", "client")),
        at_least("port", 1),
        at_most("port", 65535),
        at_least("tls_port", 1),
        at_most("tls_port", 65535),
        at_least("websocket", -1),
        at_most("websocket", 65535),
        matching("password_valid_to", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "a time in UTC such as 2030-01-31T12:00:00"),
        _vnc_password,
        _tls_is_of_spice,
    ),
    block=Block(
        doc="A graphical console; without this block the guest has none.",
        xml="devices/graphics",
        match=(("type",),),
        change=AT_START,
        rows={
            "type": text("`spice`, `vnc`, `sdl`, `egl-headless` or `dbus`.", "@type", default="spice"),
            "port": number("TCP port, where libvirt doesn't choose it.", "@port", only_with=("autoport", (False,))),
            "tls_port": number(
                "TCP port of SPICE with TLS, where libvirt doesn't choose it.",
                "@tlsPort",
                only_with=("autoport", (False,)),
            ),
            "autoport": Row(
                type=BOOL,
                default=True,
                change=AT_START,
                xml="@autoport",
                same=_same_autoport,
                only_with=_ANY_PORT,
                doc="Let libvirt choose the TCP port.",
            ),
            "websocket": replace(
                number("Port for VNC over WebSocket; -1 chooses one.", "@websocket", only_with=_VNC),
                same=_same_websocket,
            ),
            "password": _secret(
                "Password that a client is asked for, at most 8 characters for `vnc`; it is in the state.",
                "@passwd",
                sensitive=True,
            ),
            "password_valid_to": _secret(
                "Until when the password is taken, in UTC: `2030-01-31T12:00:00`.", "@passwdValidTo", sensitive=False
            ),
            "keymap": text("Layout of the keyboard, such as `de`.", "@keymap", only_with=_SERVERS),
            "share_policy": text(
                "Whether several clients look at once: `allow-exclusive`, `force-shared` or `ignore`.",
                "@sharePolicy",
                only_with=_VNC,
            ),
            "display": text("X display, for `sdl`.", "@display", only_with=("type", ("sdl",))),
            "xauth": text("X authority file, for `sdl`.", "@xauth", only_with=("type", ("sdl",))),
            "listen_type": text(
                "`none`, `address`, `network` or `socket`.", "listen/@type", default="none", only_with=_SERVERS
            ),
            "listen_address": text(
                "Address to listen at, for `listen_type` `address`.",
                "listen/@address",
                default="127.0.0.1",
                only_with=("listen_type", ("address",)),
            ),
            "listen_network": text(
                "libvirt network whose address to listen at, for `network`.",
                "listen/@network",
                only_with=("listen_type", ("network",)),
            ),
            "listen_socket": text(
                "Path of the socket, for `socket`; libvirt chooses one if unset.",
                "listen/@socket",
                only_with=("listen_type", ("socket",)),
            ),
            "image_compression": text(
                "`auto_glz`, `auto_lz`, `quic`, `glz`, `lz` or `off`.", "image/@compression", only_with=_SPICE
            ),
            "jpeg_compression": text("`auto`, `never` or `always`.", "jpeg/@compression", only_with=_SPICE),
            "zlib_compression": text("`auto`, `never` or `always`.", "zlib/@compression", only_with=_SPICE),
            "streaming_mode": text("`filter`, `all` or `off`.", "streaming/@mode", only_with=_SPICE),
            "mouse_mode": text("`server` or `client`.", "mouse/@mode", only_with=_SPICE),
            "clipboard": flag("Whether client and guest share a clipboard.", "clipboard/@copypaste", only_with=_SPICE),
            "file_transfer": flag("Whether a client can send files.", "filetransfer/@enable", only_with=_SPICE),
            "gl": flag("Draw with OpenGL.", "gl/@enable", only_with=("type", ("spice", "sdl", "dbus"))),
            "rendernode": text(
                "Device of the host that draws, such as /dev/dri/renderD128.",
                "gl/@rendernode",
                only_with=("type", ("spice", "egl-headless", "dbus")),
            ),
        },
    ),
)


def drop_old_forms(document: Document) -> None:
    """Take out what libvirt says twice: the attributes that are older than `<listen>` would have to agree with it."""
    for screen in document.find_all("devices/graphics"):
        for name in ("listen", "socket"):
            if screen.find("listen") is not None and name in screen.attrib:
                del screen.attrib[name]
