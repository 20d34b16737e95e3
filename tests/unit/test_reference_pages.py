"""The generated part of the documentation."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_the_reference_of_resource_types_is_what_their_tables_say():
    program = REPOSITORY / "scripts" / "generate_reference"
    subprocess.run([sys.executable, program, "--check"], check=True, cwd=REPOSITORY)
