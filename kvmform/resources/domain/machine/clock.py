"""The table of the guest's clock."""

from __future__ import annotations

from kvmform.resources.domain.rows import AT_START, flag, group, number, text
from kvmform.schema import Block, Row
from kvmform.values.types import STRING
from kvmform.xml.codecs import YES_NO

__all__ = ["CLOCK"]

_NAMES = ("platform", "hpet", "kvmclock", "pit", "rtc", "tsc", "hypervclock", "armvtimer")

_TIMER = Block(
    doc="One of the guest's timers.",
    xml="clock/timer",
    match=(("name",),),
    pair_rest=False,
    change=AT_START,
    rows={
        "name": Row(
            type=STRING,
            required=True,
            change=AT_START,
            xml="@name",
            choices=_NAMES,
            doc="`hpet`, `kvmclock`, `pit`, `rtc`, `tsc`, `hypervclock`, `armvtimer` or `platform`.",
        ),
        "present": flag("Whether the guest has it.", "@present", codec=YES_NO),
        "track": text(
            "What it follows: `boot`, `guest`, `wall` or `realtime`.",
            xml="@track",
            choices=("boot", "guest", "wall", "realtime"),
        ),
        "tickpolicy": text(
            "What happens to ticks that the guest missed: `delay`, `catchup`, `merge` or `discard`.",
            xml="@tickpolicy",
            choices=("delay", "catchup", "merge", "discard"),
        ),
        "frequency": number("Ticks in a second, for `tsc`.", "@frequency"),
        "mode": text(
            "`auto`, `native`, `emulate`, `paravirt` or `smpsafe`, for `tsc`.",
            xml="@mode",
            choices=("auto", "native", "emulate", "paravirt", "smpsafe"),
        ),
    },
)

CLOCK = group(
    "The guest's clock; without this block it is started in UTC.",
    {
        "offset": text(
            "`utc`, `localtime`, `timezone`, `variable` or `absolute`.",
            xml="clock/@offset",
            default="utc",
            choices=("utc", "localtime", "timezone", "variable", "absolute"),
        ),
        "timezone": text("The time zone, such as `Europe/Berlin`, for `timezone`.", xml="clock/@timezone"),
        "adjustment": text("Seconds from `basis`, for `variable`; or `reset`.", xml="clock/@adjustment"),
        "basis": text("`utc` or `localtime`, for `variable`.", xml="clock/@basis", choices=("utc", "localtime")),
        "start": number("Seconds since 1970 at the start, for `absolute`.", "clock/@start"),
        "timer": _TIMER,
    },
)
"""The block `clock`."""
