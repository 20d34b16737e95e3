"""What a run is asked to do."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from kvmform.address import InstanceAddress, Target
from kvmform.plan.change import Gate, Mode
from kvmform.struct import Struct, field

__all__ = ["ApplyOptions", "PlanOptions"]


class PlanOptions(Struct, kw_only=True):
    """What to plan; `operation` is what the lock is held for, in Terraform's words."""

    mode: Mode = Mode.NORMAL
    targets: Sequence[Target] = ()
    excluded: Sequence[Target] = ()
    replace: frozenset[InstanceAddress] = frozenset()
    refresh: bool = True
    gates: Sequence[Gate] = ()
    operation: str = "OperationTypePlan"


class ApplyOptions(Struct, kw_only=True):
    """How to apply. See :class:`kvmform.apply.executor.Execution` for `stop` and `abort`.

    `look_again`: whether the objects may have changed since the plan was made; it is then refused if they have.
    """

    parallelism: int = 10
    look_again: bool = True
    stop: threading.Event = field(default_factory=threading.Event)
    abort: threading.Event = field(default_factory=threading.Event)
