"""Configurations that live for a few steps, and what a tool answers at each: plan, state and streams as JSON.

A scenario is a TOML file in tests/oracle/plans; what the real Terraform answered is beside it, in a JSON file of
the same name. :func:`answers` asks a tool the same, :func:`differences` tells where two answers differ.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Scenario", "Tool", "answers", "differences", "read_scenarios"]

DIRECTORY = Path(__file__).parents[1] / "oracle" / "plans"

Tool = Callable[..., str]
"""Runs a command in the directory, which ends with `code`, or 0; gives what it printed on stdout."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

_OF_PLANS = {"planned_change", "change_summary", "outputs"}
"""Messages of an apply that tell of the plan and its sum; what steps tell is kvmform's own."""

_STAMPS = {"timestamp", "@timestamp", "lineage", "serial", "@module", "private", "elapsed_seconds"}
_OWN = {"disruption", "edits", "resumes", "detail"}


@dataclass(frozen=True)
class Step:
    """What changes in the files, what is typed before, and with what `plan` is asked."""

    files: Mapping[str, str]
    arguments: Sequence[str]
    applied: bool
    fails: bool
    """Whether the apply ends with an error."""
    before: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Scenario:
    """A configuration that lives for a few steps."""

    name: str
    steps: Sequence[Step]
    answer: Path = field(repr=False)
    """Where it is kept what Terraform answered."""

    def recorded(self) -> list[dict[str, Any]]:
        """What Terraform answered, step by step."""
        found: list[dict[str, Any]] = json.loads(self.answer.read_text())
        return found


def read_scenarios() -> list[Scenario]:
    """All that there are, by name."""
    return [_scenario(path) for path in sorted(DIRECTORY.glob("*.toml"))]


def _scenario(path: Path) -> Scenario:
    steps = [
        Step(
            each.get("files", {}),
            each.get("arguments", []),
            each.get("applied", True),
            each.get("fails", False),
            each.get("before", []),
        )
        for each in tomllib.loads(path.read_text())["step"]
    ]
    return Scenario(path.stem, steps, path.with_suffix(".json"))


def answers(scenario: Scenario, directory: Path, tool: Tool) -> list[dict[str, Any]]:
    """What a tool answers at each step; objects' ids are told by whose they are."""
    found, ids = [], _Ids()
    for step in scenario.steps:
        _write(directory, step.files)
        if step.files:
            tool("init", "-input=false")
        for words in step.before:
            tool(*words)
        validated = json.loads(tool("validate", "-json"))
        planned = _messages(tool("plan", "-json", "-input=false", "-out=plan", *step.arguments))
        answer = {"validate": validated, "plan stream": planned, "plan": json.loads(tool("show", "-json", "plan"))}
        if step.applied:
            applied = _messages(tool("apply", "-json", "-input=false", "plan", code=int(step.fails)))
            answer["apply stream"] = [message for message in applied if message["type"] in _OF_PLANS]
            answer["state"] = json.loads(tool("show", "-json"))
            answer["state file"] = json.loads(tool("state", "pull"))
            answer["output"] = json.loads(tool("output", "-json"))
            ids.note(answer["state"])
        found.append(answer)
    return [_bare(ids.told(answer)) for answer in found]


def _write(directory: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _messages(stream: str) -> list[Any]:
    """The messages in an order that does not come of what was done first: several things are done at once."""
    told = (json.loads(line) for line in stream.splitlines())
    return sorted((message for message in told if message["type"] != "version"), key=_order)


def _order(message: Mapping[str, Any]) -> tuple[str, str, int]:
    place = message.get("diagnostic", {}).get("range", {}).get("start", {"line": 0})
    return message["type"], message["@message"], place["line"]


class _Ids:
    """Whose ids are whose: each object has another one, each time that it is made."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._made: dict[str, int] = {}

    def note(self, state: Mapping[str, Any]) -> None:
        """Learn the ids in a state's JSON."""
        for resource in _resources(state.get("values", {}).get("root_module", {})):
            found = resource["values"].get("id")
            if isinstance(found, str) and found not in self._names:
                number = self._made[resource["address"]] = self._made.get(resource["address"], 0) + 1
                self._names[found] = f"<{resource['address']} #{number}>"

    def told(self, value: Any) -> Any:
        """A document with names in the place of ids."""
        match value:
            case dict():
                return {name: self.told(item) for name, item in value.items()}
            case list():
                return [self.told(item) for item in value]
            case str():
                return _UUID.sub(lambda match: self._names.get(match[0], match[0]), value)
        return value


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)


def _bare(value: Any) -> Any:
    """An answer without times and the like, and without what kvmform adds; where order means nothing it is sorted."""
    match value:
        case dict():
            left_out = _STAMPS | _OWN | ({"mode"} if "format_version" in value else set())
            return {name: _bare(item) for name, item in value.items() if name not in left_out}
        case [{"object_kind": _}, *_]:
            results = [_bare(each) | {"objects": sorted(each["objects"] or (), key=str)} for each in value]
            return sorted(results, key=lambda each: str(each["config_addr"]))
        case [{"attribute": _, "resource": _}, *_] | [[{"type": "get_attr"}, *_], *_]:
            return sorted(value, key=str)
        case list():
            return [_bare(item) for item in value]
    return value


def differences(ours: Any, theirs: Any, at: str = "") -> list[str]:
    """Each place where two documents differ."""
    match ours, theirs:
        case dict(), dict():
            return [
                found
                for name in sorted({*ours, *theirs})
                for found in differences(ours.get(name, _MISSING), theirs.get(name, _MISSING), f"{at}.{name}")
            ]
        case list(), list():
            return _of_lists(ours, theirs, at)
    same = ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool)
    return [] if same else [f"{at.removeprefix('.')}: kvmform {_text(ours)}, terraform {_text(theirs)}"]


def _of_lists(ours: list[Any], theirs: list[Any], at: str) -> list[str]:
    """Lists of things that have names are compared by name; then their order."""
    names = [[_name(item) for item in items] for items in (ours, theirs)]
    if not all(map(all, names)) or any(len(set(each)) < len(each) for each in names):
        if len(ours) != len(theirs):
            return [f"{at.removeprefix('.')}: kvmform {_text(ours)}, terraform {_text(theirs)}"]
        pairs = zip(ours, theirs, strict=True)
        return [found for i, (a, b) in enumerate(pairs) for found in differences(a, b, f"{at}[{i}]")]
    by_name = [dict(zip(each, items, strict=True)) for each, items in zip(names, (ours, theirs), strict=True)]
    found = differences(by_name[0], by_name[1], at)
    common = [[name for name in each if name in by_name[0] and name in by_name[1]] for each in names]
    return found or ([] if common[0] == common[1] else [f"{at.removeprefix('.')}: in another order"])


def _name(item: Any) -> str:
    match item:
        case {"resource": str(resource), "attribute": list(attribute)}:
            return f"{resource} {attribute}"
        case {"address": {"to_display": str(name)}} | {"object_addr": str(name)} | {"config_addr": str(name)}:
            return name
        case {"@message": str(name), "diagnostic": {"range": {"start": {"line": line}}}}:
            return f"{name} in line {line}"
        case {"@message": str(name)}:
            return name
        case {"address": str(name)}:
            return name + str(item.get("deposed", item.get("deposed_key", "")))
        case {"mode": mode, "type": kind, "name": name, "instances": _}:
            return f"{item.get('module', '')} {mode} {kind} {name}".strip()
    return ""


class _Missing:
    def __repr__(self) -> str:
        return "has none"


_MISSING = _Missing()


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, _Missing) else json.dumps(value, sort_keys=True)
