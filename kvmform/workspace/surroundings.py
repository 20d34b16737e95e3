"""What a run is told: where it works, and what it is asked to do."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kvmform.address import InstanceAddress, Target
from kvmform.config.inputs import Ask, VariableArgument
from kvmform.plan.change import Mode
from kvmform.schema import Disruption

__all__ = ["ApplyOptions", "PlanOptions", "Surroundings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where a run works.

    `directory` is the root module's. `state_path` and `data_directory` default to
    `terraform.tfstate` and `.terraform` in it; relative ones start at `directory`. `ask`
    asks for variables without a value; None: nobody is there to answer.
    `lock_timeout` is in seconds.
    """

    directory: Path
    data_directory: Path | None = None
    state_path: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    variables: Sequence[VariableArgument] = ()
    ask: Ask | None = None
    lock: bool = True
    lock_timeout: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What to plan."""

    mode: Mode = Mode.NORMAL
    targets: Sequence[Target] = ()
    replace: frozenset[InstanceAddress] = frozenset()
    refresh: bool = True
    max_disruption: Disruption = Disruption.DATA_LOSS


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOptions:
    """How to apply. See :class:`kvmform.apply.executor.Execution` for `stop` and `abort`."""

    parallelism: int = 10
    stop: threading.Event = field(default_factory=threading.Event)
    abort: threading.Event = field(default_factory=threading.Event)
