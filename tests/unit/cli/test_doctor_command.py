"""`kvmform doctor`: which hosts it looks at, and its two forms."""

import json

from command_line import CommandLine


def test_hosts_of_the_configuration_are_examined_and_no_other(tmp_path):
    lab = CommandLine(tmp_path).write(
        """
        provider "libvirt" {
          uri = "test:///default"
        }

        provider "libvirt" {
          alias = "second"
          uri   = "test+file:${path.root}/second.xml"
        }
        """
    )
    said = lab.run("doctor")
    assert "test:///default\n  ✓ libvirt" in said
    assert "second.xml\n" in said
    assert said.count("Nothing is missing here.") == 2
    assert "\033" not in said


def test_programs_read_the_same_findings_as_a_document(tmp_path):
    document = json.loads(CommandLine(tmp_path).run("doctor", "-json", "test:///default"))
    (host,) = document["hosts"]
    assert host["uri"] == "test:///default"
    assert host["verdict"] == "good"
    assert host["findings"][0].keys() == {"check", "verdict", "summary", "detail", "fix"}


def test_a_host_out_of_reach_ends_with_1_and_its_reason(tmp_path):
    said = CommandLine(tmp_path).run("doctor", "qemu+unix:///system?socket=/nowhere/at-all", code=1)
    assert "✗ libvirt" in said
    assert "Fix: " in said
    assert "1 error" in said
