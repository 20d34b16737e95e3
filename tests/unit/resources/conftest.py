"""What tests of resource types share."""

from pathlib import Path

import pytest
from command_line import CommandLine


@pytest.fixture
def here(tmp_path: Path) -> CommandLine:
    """A scratch directory for types that need no host."""
    return CommandLine(tmp_path)
