"""The lineage of a state that is not written yet.

Identities are derived from the lineage, so the plan that is shown and the apply that
follows, in another process, must have the same one. Until there is a state it is kept in
the data directory, bound to the lab's directory: a copy of a lab is another lab.
"""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from pathlib import Path

from kvmform.state.durable import replace_file

__all__ = ["remembered_lineage"]

_FILE = "lineage.json"


def remembered_lineage(data_directory: Path, directory: Path, state_name: str) -> str:
    """The lineage that a new state will have; decided now if it wasn't yet.

    Where the data directory can't be written it is a new one each time.
    """
    file = data_directory / _FILE
    place = f"{directory.resolve()}:{state_name}"
    known = _read(file)
    if place not in known:
        known[place] = str(uuid.uuid4())
        with suppress(OSError):
            data_directory.mkdir(parents=True, exist_ok=True)
            replace_file(file, json.dumps(known).encode())
    return known[place]


def _read(file: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        known = json.loads(file.read_text())
        if isinstance(known, dict) and all(isinstance(lineage, str) for lineage in known.values()):
            return known
    return {}
