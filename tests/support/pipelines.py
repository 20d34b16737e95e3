"""The pipelines of examples/ci, run here: their files are read, and each line of script in them is typed into bash.

What a runner brings along is here too: a checkout for each job, artifacts that go from job to job, variables, and a
server that takes comments. An `if:` that is none of those that the files have now fails a test, rather than be guessed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from lab import KVMFORM
from labhost import REPOSITORY

__all__ = ["Ran", "Runner", "comments_server"]

EXAMPLE = REPOSITORY / "examples" / "ci"
_STATE = "/var/lib/kvmform"
"""Where the example keeps the state."""


@dataclass
class Ran:
    """How a pipeline ended: which of its steps or jobs failed, which were run, and what all of them said."""

    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    said: str = ""


class Runner:
    """A machine that runs pipelines for one repository, beside a simulated host."""

    def __init__(self, directory: Path, comments: str) -> None:
        """`comments`: the URL that comments are sent to."""
        self.repository = directory / "repository"
        self.comments = comments
        self._directory = directory
        shutil.copytree(EXAMPLE, self.repository)
        programs = directory / "bin"
        programs.mkdir()
        (programs / "kvmform").symlink_to(KVMFORM)
        support = Path(__file__).with_name("policies.py")
        (programs / "conftest").write_text(f'#!/bin/sh\nexec {sys.executable} {support} "$@"\n')
        (programs / "conftest").chmod(0o755)
        self._environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(directory),
            "LIBVIRT_DEFAULT_URI": f"test+file:{directory / 'host.xml'}",
        }

    def checkout(self, name: str) -> Path:
        """A fresh copy of the repository."""
        place = self._directory / "builds" / name
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.repository, place)
        return place

    def _bash(self, script: str, place: Path, variables: Mapping[str, Any], ran: Ran) -> bool:
        given = {name: str(value).replace(_STATE, str(self._directory)) for name, value in variables.items()}
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=place,
            env=self._environment | given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        ran.said += f"$ {script}\n{ended.stdout}"
        return ended.returncode == 0

    # GitHub Actions.

    def github(self, event: str) -> Ran:
        """Run the workflow for an event: `pull_request`, or `push` to the main branch."""
        workflow = yaml.safe_load((self.repository / ".github/workflows/lab.yml").read_text())
        (job,) = workflow["jobs"].values()
        place, ran = self.checkout("github"), Ran()
        summary = self._directory / "summary.md"
        summary.unlink(missing_ok=True)
        given = workflow["env"] | {"GITHUB_STEP_SUMMARY": summary}
        for step in job["steps"]:
            if "run" not in step or not _is_due(step.get("if", ""), event, place, is_failed=bool(ran.failed)):
                continue
            variables = {name: self._filled(value) for name, value in step.get("env", {}).items()}
            where = place / job["defaults"]["run"]["working-directory"]
            ran.done.append(step["name"])
            if not self._bash(step["run"], where, given | variables, ran):
                ran.failed.append(step["name"])
        return ran

    def _filled(self, text: str) -> str:
        values = {"github.token": "token", "github.event.pull_request.comments_url": self.comments}
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: values[found[1]], text)

    # GitLab CI.

    def gitlab(self, event: str) -> Ran:
        """Run the pipeline for an event: `merge_request_event`, or `push` to the default branch; manual jobs too."""
        pipeline = yaml.safe_load((self.repository / ".gitlab-ci.yml").read_text())
        jobs = {name: job for name, job in pipeline.items() if isinstance(job, dict) and "script" in job}
        assert sorted(jobs, key=lambda name: pipeline["stages"].index(jobs[name]["stage"])) == list(jobs)
        given = pipeline["variables"] | self._predefined(event)
        ran, artifacts = Ran(), self._directory / "artifacts"
        shutil.rmtree(artifacts, ignore_errors=True)
        for name, job in jobs.items():
            if ran.failed or not any(_RULES[rule["if"]](given) for rule in job.get("rules", [{"if": ""}])):
                continue
            place = self.checkout(f"gitlab-{name}")
            if artifacts.exists():
                shutil.copytree(artifacts, place, dirs_exist_ok=True)
            ran.done.append(name)
            if not self._bash("\n".join(job["script"]), place, given, ran):
                ran.failed.append(name)
            assert self._bash("\n".join(job.get("after_script", ())), place, given, ran), ran.said
            for path in _kept(job.get("artifacts", {})):
                (artifacts / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(place / path, artifacts / path)
        return ran

    @property
    def artifacts(self) -> Path:
        """What the jobs of the last GitLab pipeline have kept."""
        return self._directory / "artifacts"

    @property
    def summary(self) -> str:
        """What the last workflow has put on its page."""
        return (self._directory / "summary.md").read_text()

    def _predefined(self, event: str) -> dict[str, str]:
        is_request = event == "merge_request_event"
        return {
            "CI_PIPELINE_SOURCE": event,
            "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_BRANCH": "" if is_request else "main",
            "CI_MERGE_REQUEST_IID": "7" if is_request else "",
            "CI_API_V4_URL": self.comments,
            "CI_PROJECT_ID": "42",
            "COMMENT_TOKEN": "token",
        }


_RULES: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "": lambda _given: True,
    "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH": lambda given: given["CI_COMMIT_BRANCH"] == given["CI_DEFAULT_BRANCH"],
}


def _kept(artifacts: Mapping[str, Any]) -> list[str]:
    reports: Mapping[str, str] = artifacts.get("reports", {})
    return [*artifacts.get("paths", []), *reports.values()]


def _is_due(condition: str, event: str, place: Path, *, is_failed: bool) -> bool:
    """Whether a step of a workflow is run."""
    terms = [term.strip() for term in condition.split("&&")] if condition else []
    return (not is_failed or "always()" in terms) and all(_holds(term, event, place) for term in terms)


def _holds(term: str, event: str, place: Path) -> bool:
    if found := re.fullmatch(r"hashFiles\('([^']+)'\) != ''", term):
        return (place / found[1]).exists()
    if found := re.fullmatch(r"github\.event_name == '(\w+)'", term):
        return found[1] == event
    assert term == "always()", term
    return True


@contextmanager
def comments_server() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A server that takes comments: its URL, and where the path and body of each come to be."""
    taken: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            is_known = "token" in (self.headers.get("PRIVATE-TOKEN"), *self.headers.get("Authorization", "").split())
            taken.append((self.path, body))
            self.send_response(201 if is_known else 401)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/comments", taken
        finally:
            server.shutdown()
            thread.join()
