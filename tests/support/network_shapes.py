"""Networks of every shape, as a user writes them: the cases in tests/cases/network, for tests that each must pass."""

from __future__ import annotations

import json
from pathlib import Path

from kvmform.schema import Object

__all__ = ["CASES", "SHAPES"]

CASES = Path(__file__).parents[1] / "cases" / "network"

SHAPES: dict[str, Object] = {
    case.name: json.loads((case / "written.json").read_text()) for case in sorted(CASES.iterdir())
}
"""Arguments by the name of the shape."""
