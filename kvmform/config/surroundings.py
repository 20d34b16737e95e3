"""What expressions can see of the world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kvmform.lang.evaluate import call_context
from kvmform.lang.functions.signature import CallContext
from kvmform.struct import Struct

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Surroundings"]


class Surroundings(Struct):
    """Directories, workspace, and the time of the plan."""

    root_directory: Path
    working_directory: Path
    workspace: str
    timestamp: str | None
    """When the plan is made, RFC 3339 in UTC; None where no plan is."""
    planning: bool
    """Whether functions that tell the time or draw lots wait for apply."""

    def call_context(self) -> CallContext:
        """What of it functions may know."""
        return call_context(str(self.root_directory), _now, pure=self.planning, plan_timestamp=self.timestamp)


def _now() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC)
