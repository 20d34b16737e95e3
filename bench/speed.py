"""Measure kvmform and, where one is installed, Terraform: whole processes, alternately, in one run.

    .venv/bin/python bench/speed.py                   everything below, as a table
    .venv/bin/python bench/speed.py lines=100,1000    only these
    .venv/bin/python bench/speed.py -rounds=9         more rounds; the best and the median are shown

Ratios are what counts: both programs meet the same load in the same minute. `time` is from start to end of the
process, `cpu` what it and its threads used of processors, `memory` the most that it held.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from samples import SAMPLES

ROUNDS = 5
SIZES = {
    "lines": (100, 1_000, 10_000, 50_000),
    "elements": (1_000, 10_000),
    "calls": (100, 1_000),
    "chain": (1_000, 10_000),
    "star": (1_000, 10_000),
}
PATIENCE = 60
"""Seconds. A program that takes longer is not run again in this measurement."""


class Run(NamedTuple):
    """One process: seconds, seconds of processors, MiB."""

    time: float
    cpu: float
    memory: float


def main(words: list[str]) -> int:
    """Measure, and print a line for each configuration."""
    rounds = next((int(word.partition("=")[2]) for word in words if word.startswith("-rounds=")), ROUNDS)
    chosen = [word.partition("=") for word in words if not word.startswith("-")]
    sizes = {name: tuple(map(int, many.split(","))) if many else SIZES[name] for name, _, many in chosen} or SIZES
    terraform = shutil.which("terraform")
    programs = {
        "kvmform": [str(Path(sys.executable).with_name("kvmform"))],
        **({"terraform": [terraform]} if terraform else {}),
    }
    print("validate                kvmform                      of terraform's")
    print("                   time      cpu   memory      time best, median   cpu   memory")
    for name, many in sizes.items():
        for size in many:
            with tempfile.TemporaryDirectory() as directory:
                write(SAMPLES[name](size), Path(directory))
                runs = measured(programs, Path(directory), rounds if size < 50_000 else min(rounds, 3))
            print(f"{size:>7} {name:<9} {line(runs)}", flush=True)
    return 0


def write(files: Mapping[str, str], directory: Path) -> None:
    """Put a configuration into a directory."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def measured(programs: dict[str, list[str]], directory: Path, rounds: int) -> dict[str, list[Run]]:
    """Run `validate` of each program in turn, so many times; once before that, for init and the file cache."""
    waiting = dict(programs)
    for program in programs.values():
        run([*program, "init"], directory)
    runs: dict[str, list[Run]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in list(waiting.items()):
            found = run([*program, "validate"], directory)
            runs[name].append(found)
            if found.time > PATIENCE:
                del waiting[name]
    return runs


def run(command: list[str], directory: Path) -> Run:
    """One process, from start to end."""
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=directory, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    ended = time.perf_counter()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} failed in {directory}")
    return Run(ended - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def line(runs: dict[str, list[Run]]) -> str:
    """What kvmform takes, and its share of what Terraform takes."""
    ours = runs["kvmform"]
    best = Run(*(min(values) for values in zip(*ours, strict=True)))
    text = f"{best.time:7.3f} s {best.cpu:6.3f} s {best.memory:4.0f} MiB"
    if theirs := runs.get("terraform"):
        other = Run(*(min(values) for values in zip(*theirs, strict=True)))
        middle = statistics.median(each.time for each in ours) / statistics.median(each.time for each in theirs)
        text += f"{best.time / other.time:11.2f} {middle:11.2f}"
        text += f" {best.cpu / other.cpu:7.2f} {best.memory / other.memory:7.2f}"
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
