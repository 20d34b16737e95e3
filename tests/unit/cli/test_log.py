"""The log, for those who look for a cause: off unless asked for, with what hosts were asked, never with secrets."""

import json
import re

import pytest
from lab import environment_for
from quick_lab import QuickLab

LAB = """
variable "password" { default = "" }
resource "libvirt_network" "n" {
  name = "n"
  mode = "none"
}
"""
LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[(TRACE|DEBUG|INFO|WARN|ERROR)\] (cli|config|state|host): (.*)"
)


@pytest.fixture
def lab(tmp_path):
    return QuickLab.of_text(LAB, tmp_path, environment_for(f"test+file:{tmp_path}/host.xml"))


def lines(said):
    """Level, part and text of each line of a log."""
    found = [LINE.fullmatch(line) for line in said.splitlines()]
    assert all(found), said
    return [match.groups() for match in found]


def test_nothing_is_logged_unless_asked_for(lab):
    assert lab.kvmform("plan").stderr == ""
    lab.environment["TF_LOG"] = "off"
    assert lab.kvmform("plan").stderr == ""


def test_a_log_tells_what_was_read_asked_and_written(lab):
    lab.environment["TF_LOG"] = "debug"
    told = lines(lab.kvmform("apply", "-auto-approve", "-var", "password=secret", "-var=password=hidden").stderr)
    texts = "\n".join(text for _, _, text in told)
    assert "command line: apply -auto-approve -var password=… -var=password=…" in texts
    assert "secret" not in texts
    assert "hidden" not in texts
    assert f"read {lab.directory}: main.tf" in texts
    assert re.search(r'define network "n" at test\S+: \d+\.\d ms', texts)
    assert "terraform.tfstate with serial 1" in texts
    assert texts.endswith("ends with exit code 0")


def test_arguments_of_a_backend_are_left_out_too(lab):
    lab.environment["TF_LOG"] = "info"
    given = ("-backend-config=password=secret", "--backend-config", "username=hidden")
    texts = lab.kvmform("init", *given).stderr
    assert "command line: init -backend-config=password=… --backend-config username=…\n" in texts
    assert "secret" not in texts
    assert "hidden" not in texts


def test_levels_are_those_of_terraform_and_those_of_hosts_may_differ(lab):
    lab.environment |= {"TF_LOG_CORE": "info", "TF_LOG_PROVIDER": "debug"}
    told = lines(lab.kvmform("plan").stderr)
    assert {(level, part) for level, part, _ in told} >= {("INFO", "cli"), ("DEBUG", "host")}
    assert ("DEBUG", "config") not in {(level, part) for level, part, _ in told}


def test_a_log_may_go_to_a_file_at_whose_end_it_is_put(lab):
    lab.environment |= {"KVMFORM_LOG": "info", "TF_LOG_PATH": "log"}
    for _ in range(2):
        assert lab.kvmform("validate").stderr == ""
    told = lines((lab.directory / "log").read_text())
    assert [text for _, _, text in told].count("ends with exit code 0") == 2
    lab.environment["TF_LOG_PATH"] = "no/such/directory/log"
    assert "The log of TF_LOG_PATH can't be written" in lab.kvmform("validate").stderr


def test_a_log_may_be_json(lab):
    lab.environment["TF_LOG"] = "json"
    first, *_ = (json.loads(line) for line in lab.kvmform("validate").stderr.splitlines())
    assert first["@level"] == "info"
    assert first["@module"] == "kvmform.cli"
    assert first["@message"].startswith("kvmform v")


def test_the_end_of_a_command_that_fails_is_told_too(lab):
    lab.environment["TF_LOG"] = "info"
    lab.add("nonsense", "broken.tf")
    said = lab.kvmform("plan", code=1).stderr
    assert said.rstrip().endswith("ends with exit code 1")
