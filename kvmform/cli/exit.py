"""Exit codes, all of them: Terraform's."""

from __future__ import annotations

from typing import Final

__all__ = ["CHANGES", "ERROR", "OK"]

OK: Final = 0
"""Done; with `plan -detailed-exitcode`: there is nothing to change."""
ERROR: Final = 1
"""Something went wrong; wrong usage too."""
CHANGES: Final = 2
"""`plan -detailed-exitcode` found changes."""
