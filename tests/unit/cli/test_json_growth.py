"""Documents and what is behind them grow with the lab, and no faster: counted in calls of functions, not in seconds."""

import cProfile
import pstats
from pathlib import Path

from command_line import CommandLine

LAB = """
variable "n" { default = 1 }
resource "terraform_data" "a" {
  count = var.n
  input = count.index
  lifecycle {
    postcondition {
      condition     = self.input >= 0
      error_message = "Negative."
    }
  }
}
module "m" {
  source = "./m"
  count  = var.n
  n      = terraform_data.a[count.index].input
}
output "all" { value = module.m[*].id }
"""
MODULE = """
variable "n" {
  validation {
    condition     = var.n >= 0
    error_message = "Negative."
  }
}
data "local_file" "f" { filename = "f" }
resource "terraform_data" "in" { input = "${var.n}${data.local_file.f.content}" }
output "id" { value = terraform_data.in.id }
"""
COMMANDS = [
    ("plan", "-refresh-only", "-out=p", "-var=n={n}"),
    ("plan", "-out=p", "-var=n={n}"),
    ("show", "-json", "p"),
    ("show", "-json"),
    ("apply", "-auto-approve", "-var=n={n}"),
]


def calls(directory: Path, size: int) -> list[int]:
    """How many functions each command calls in a lab of that size, of which half is applied."""
    (directory / "m").mkdir(parents=True)
    (directory / "f").write_text("x")
    here = CommandLine(directory).write(LAB).write(MODULE, "m/main.tf")
    here.run("init")
    here.run("apply", "-auto-approve", f"-var=n={size // 2}")
    found = []
    for words in COMMANDS:
        profile = cProfile.Profile()
        profile.runcall(here.run, *(word.format(n=size) for word in words))
        found.append(pstats.Stats(profile).total_calls)
    return found


def test_twice_the_lab_is_at_most_twice_the_work(tmp_path: Path) -> None:
    calls(tmp_path / "first", 4)  # what is imported and made once is no growth
    small, large = (calls(tmp_path / str(size), size) for size in (40, 80))
    growth = {" ".join(words[:2]): b / a for words, a, b in zip(COMMANDS, small, large, strict=True)}
    assert max(growth.values()) < 2.1, growth
