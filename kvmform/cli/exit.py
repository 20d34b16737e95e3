"""Exit codes, all of them: Terraform's."""

from __future__ import annotations

from typing import Final

__all__ = ["CHANGES", "ERROR", "NOT_CANONICAL", "OK", "UNREADABLE"]

OK: Final = 0
"""Done; with `plan -detailed-exitcode`: there is nothing to change."""
ERROR: Final = 1
"""Something went wrong; wrong usage too."""
CHANGES: Final = 2
"""`plan -detailed-exitcode` found changes."""
UNREADABLE: Final = 2
"""`fmt` could not read or write a file, or it is no valid configuration."""
NOT_CANONICAL: Final = 3
"""`fmt -check` found a file that is not in canonical form."""
