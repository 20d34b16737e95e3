"""The page about JSON has the fields that there are, and no others."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from command_line import CommandLine

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/reference/json.md").read_text()

LAB = """
variable "v" {
  default = 1
  validation {
    condition     = var.v > 0
    error_message = "Too small."
  }
}
resource "terraform_data" "a" { input = var.v }
output "o" { value = terraform_data.a.output }
"""


def first_cells(title: str) -> set[str]:
    """What stands in backticks in the first column of the table below a title."""
    section = PAGE.partition(f"\n{title}\n")[2].partition("\n#")[0]
    cells = (line.split("|")[1] for line in section.splitlines() if line.startswith("| `"))
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def recorded() -> Iterator[dict[str, Any]]:
    """All that Terraform answered in the scenarios."""
    for path in (ROOT / "tests/oracle/plans").glob("*.json"):
        yield from json.loads(path.read_text())


def test_every_field_of_a_plan_is_on_it(tmp_path: Path) -> None:
    here = CommandLine(tmp_path).write(LAB)
    here.run("plan", "-out=p")
    ours = json.loads(here.run("show", "-json", "p")).keys()
    theirs = {name for step in recorded() for name in step["plan"]}
    assert first_cells("## Plan: `show -json PLAN`") >= ours | theirs


def test_every_field_of_a_change_is_on_it() -> None:
    told = {name.removeprefix("change.") for name in first_cells("### A change: `resource_changes[]`")}
    for step in recorded():
        for change in step["plan"].get("resource_changes", ()):
            assert told >= (change.keys() - {"change"}) | change["change"].keys()


def test_every_field_of_a_state_is_on_it() -> None:
    told = {name.partition(".")[0] for name in first_cells("## State: `show -json`")}
    resource = PAGE.partition("A resource has ")[2].partition("Data sources")[0]
    for step in recorded():
        assert told >= step.get("state", {}).keys()
        for each in step.get("state", {}).get("values", {}).get("root_module", {}).get("resources", ()):
            assert set(re.findall(r"`([^`]+)`", resource)) >= each.keys()


def test_every_message_of_a_stream_is_on_it() -> None:
    told = first_cells("## Streams: `plan -json`, `apply -json`, `destroy -json`, `refresh -json`")
    assert told >= {message["type"] for step in recorded() for message in step["plan stream"]}
    code = "\n".join((ROOT / "kvmform/view" / name).read_text() for name in ("machine.py", "event_json.py"))
    ours = set(re.findall(r'"((?:apply|provision|refresh)_[a-z]+)"', code)) | set(
        re.findall(r'_tell\("([a-z_]+)"', code)
    )
    assert told >= ours
