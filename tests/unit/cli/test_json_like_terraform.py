"""Plan JSON, state JSON, streams and the state file, field by field, against what Terraform 1.11 answered.

tests/oracle/plans has the configurations and Terraform's answers. Where Terraform is installed, it is asked again.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from scenario import Scenario, Tool, answers, differences, read_scenarios
from terraform import has_terraform, terraform_in

DIFFERS = {
    r"^plan\.applyable$": "a data source that a check reads is no reason to apply: a plan after an apply is empty",
    r"^plan\.planned_values\.root_module\.resources\.terraform_data\.left: terraform alone$": (
        "what is forgotten is not in the values that are planned; Terraform has it there, without values"
    ),
    r"^(plan\.prior_state|state\.values)\..*\.depends_on": (
        "what an object uses itself; Terraform adds data sources, all behind them, and old addresses of modules"
    ),
    r"\.action_reason: terraform alone$|Plan to create\.change\.reason: terraform alone$": (
        "what is made for the first time is made for no other reason"
    ),
    r"^state(\.checks| file\.check_results)\.data\.": "Terraform forgets what it checked of a data source in the plan",
    r"^state file\..*\.create_before_destroy: terraform alone$": "recorded of what was made that way",
    r"^state file\..*\.dependencies": "the state file tells which instance of a module it is; Terraform reads both",
    r"^plan stream\.Warning: Some objects will no longer be managed by": "each tool tells its own name",
    r"^plan stream\.Outputs: \d+: (terraform|kvmform) alone$": "outputs that stay null are told in the document alone",
    r"^plan stream\.data\..*: Refresh(ing\.\.\.| complete after \d+s): terraform alone$": (
        "a plan to destroy reads no data sources"
    ),
    r"^plan stream\..*: Refresh(ing state\.\.\.| complete) \[.*: kvmform alone$": (
        "all that is in state is read, what a target leaves and what is forgotten too"
    ),
    r"^plan stream\.terraform_data\.taken: Refresh.*: terraform alone$": "what is taken up is found, not read again",
}
"""Where kvmform answers otherwise, as patterns of places, and why; `alone` has something who tells more."""

SCENARIOS = read_scenarios()


def kvmform_in(directory: Path) -> Tool:
    here = CommandLine(directory)

    def run(*words: str, code: int = 0) -> str:
        return here.run(*words, *(["-show-sensitive"] if words[:2] == ("show", "-json") else []), code=code)

    return run


@pytest.fixture(scope="module", params=SCENARIOS, ids=lambda scenario: scenario.name)
def scenario(request: pytest.FixtureRequest) -> Scenario:
    found: Scenario = request.param
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """Every difference, by the name of its scenario."""
    return {each.name: _differences(each, tmp_path_factory.mktemp("plans")) for each in SCENARIOS}


def _differences(scenario: Scenario, directory: Path) -> list[str]:
    ours: list[dict[str, Any]] = answers(scenario, directory, kvmform_in(directory))
    pairs = zip(ours, scenario.recorded(), strict=True)
    return [each for mine, theirs in pairs for each in differences(mine, theirs)]


def _is_expected(difference: str, pattern: str) -> bool:
    place, _, values = difference.partition(": kvmform ")
    if values.startswith("has none"):
        place += ": terraform alone"
    elif values.endswith("terraform has none"):
        place += ": kvmform alone"
    return re.search(pattern, place) is not None


def test_nothing_differs_but_what_is_meant_to(scenario: Scenario, found: Mapping[str, list[str]]) -> None:
    unexpected = [each for each in found[scenario.name] if not any(_is_expected(each, pattern) for pattern in DIFFERS)]
    assert unexpected == []


def test_each_difference_that_is_meant_is_one(found: Mapping[str, list[str]]) -> None:
    everything = [each for differences in found.values() for each in differences]
    assert [pattern for pattern in DIFFERS if not any(_is_expected(each, pattern) for each in everything)] == []


@pytest.mark.skipif(not has_terraform(), reason="needs a Terraform of the same version")
def test_terraform_answers_as_it_did(scenario: Scenario, tmp_path: Path) -> None:
    pairs = zip(answers(scenario, tmp_path, terraform_in(tmp_path)), scenario.recorded(), strict=True)
    assert [each for now, before in pairs for each in differences(now, before)] == []
