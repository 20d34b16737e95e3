"""Programs of other people's that run kvmform, as scripts/clients installs them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from lab import KVMFORM
from labhost import REPOSITORY

__all__ = ["client_environment", "run_client"]


@cache
def client_environment(name: str) -> Path:
    """The virtual environment of a set, or its one program; installed if it isn't there yet."""
    program = REPOSITORY / "scripts" / "clients"
    return Path(subprocess.run([program, name], check=True, text=True, stdout=subprocess.PIPE).stdout.strip())


def run_client(
    name: str, *words: str | Path, directory: Path, environment: Mapping[str, str], code: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run a program of a set in a directory, with this kvmform first on its PATH.

    Raises:
        AssertionError: it ended with another exit code than `code`.
    """
    programs = client_environment(name)
    program = programs if programs.is_file() else programs / "bin" / words[0]
    path = f"{KVMFORM.parent}:{os.environ['PATH']}"
    # What Python compiles of such a program is kept, whatever the machine says: there is much of it.
    around = {**environment, "PATH": path, "PYTHONDONTWRITEBYTECODE": ""}
    ran = subprocess.run(
        [program, *words[1:]],
        cwd=directory,
        env=around,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code, f"{' '.join(map(str, words))}\n{ran.stdout}{ran.stderr}"
    return ran
