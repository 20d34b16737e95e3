"""What it costs to change how the guest shares the host with others.

The kernel's control groups change that at once, where the host has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kvmform.resources.domain.policies import idle_effect, needs_boot
from kvmform.schema import Block, Disruption, Edit, EditContext, Effect, Object, Plain, Policy, Row
from kvmform.struct import replace

__all__ = [
    "by_parts",
    "counted",
    "limited_memory",
    "moved_memory",
    "pinned",
    "pinned_processor",
    "scheduled",
    "tunes_live",
    "weighted",
]


def _by_control_groups(controller: str) -> Callable[[EditContext], Effect]:
    def policy(context: EditContext) -> Effect:
        """`live` where the host has control groups; without them, and to take a value back, `reboot`."""
        idle = idle_effect(context)
        if idle is not None:
            return idle
        if not context.facts.get("control_groups"):
            return needs_boot(context, f"the host has no control groups for {controller}")
        if context.edit.after is None:
            return needs_boot(context, "what was set for a running guest is only changed, not taken back")
        return Effect(Disruption.LIVE, "by control groups")

    return policy


scheduled = _by_control_groups("processors")
limited_memory = _by_control_groups("memory")
weighted = _by_control_groups("disks")
_moved = _by_control_groups("NUMA nodes")


def moved_memory(context: EditContext) -> Effect:
    """`live` by control groups where memory must be nowhere else (`strict`, `restrictive`), else `reboot`."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    mode = next((block.get("mode") for block in context.after.get("numatune") or ()), None)
    if mode in {"strict", "restrictive", None}:
        return _moved(context)
    return needs_boot(context, f'with mode = "{mode}" memory stays where it is')


def pinned(context: EditContext) -> Effect:
    """`live`: these are threads of the host's."""
    return idle_effect(context) or Effect(Disruption.LIVE, "by the host's scheduler")


def counted(context: EditContext) -> Effect:
    """`live`: the guest sees nothing of it."""
    return idle_effect(context) or Effect(Disruption.LIVE, "by the host's kernel")


def pinned_processor(context: EditContext) -> Effect:
    """`live` under KVM; under emulation `reboot`."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    if context.after.get("type") == "qemu":
        return needs_boot(context, "under emulation virtual processors are not pinned while the guest runs")
    return Effect(Disruption.LIVE, "by the host's scheduler")


def by_parts(rows: Mapping[str, Row | Block]) -> Callable[[EditContext], Effect]:
    """The policy of a block that comes or goes: what the worst of its parts costs."""

    def policy(context: EditContext) -> Effect:
        """What the worst of its arguments costs."""
        return max(_effects(rows, context), key=lambda effect: effect.disruption, default=Effect(Disruption.LIVE))

    return policy


def _effects(rows: Mapping[str, Row | Block], context: EditContext) -> Iterator[Effect]:
    edit = context.edit
    for name, row in rows.items():
        before, after = ((element or {}).get(name) for element in (edit.before, edit.after))
        if isinstance(row, Row):
            if not row.same(before, after):
                yield _effect(row.change, context, Edit((*edit.path, name), before, after))
            continue
        for index, element in enumerate(before or after or ()):
            pair = (element, None) if before else (None, element)
            yield _effect(row.change, context, Edit((*edit.path, name, index), *pair))


def _effect(policy: Policy, context: EditContext, edit: Edit) -> Effect:
    return Effect(policy) if isinstance(policy, Disruption) else policy(replace(context, edit=edit))


def tunes_live(name: str, block: Block, live: Object, definition: Object, facts: Mapping[str, Plain]) -> bool:
    """Whether a running guest can be brought back to its definition at once, in what this block tunes."""
    before: Object = next(iter(live[name] or ()), {})
    after: Object = next(iter(definition[name] or ()), {})
    context = EditContext(Edit((name, 0), before, after), live, definition, {**facts, "running": True})
    for part, row in block.rows.items():
        old, new = before.get(part), after.get(part)
        if row.same(old, new) if isinstance(row, Row) else (old or []) == (new or []):
            continue
        if _effect(row.change, context, Edit((name, 0, part), old, new)).disruption > Disruption.LIVE:
            return False
    return True
