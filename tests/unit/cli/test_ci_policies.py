"""The policies of examples/ci, evaluated on plans as JSON."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from client_programs import run_client
from labhost import REPOSITORY
from policies import verdicts
from quick_lab import QuickLab

POLICY = REPOSITORY / "examples" / "ci" / "policy"


@pytest.fixture
def lab(tmp_path: Path) -> QuickLab:
    """The lab of the example, on a simulated host."""
    shutil.copytree(REPOSITORY / "examples" / "ci" / "lab", tmp_path / "lab")
    lab = QuickLab(tmp_path / "lab", {"PATH": "/usr/bin:/bin", "LIBVIRT_DEFAULT_URI": "test+file:host.xml"})
    lab.apply()
    return lab


def document(lab: QuickLab) -> Any:
    lab.kvmform("plan", "-out=saved")
    return json.loads(lab.kvmform("show", "-json", "saved").stdout)


def test_a_plan_that_is_empty_passes(lab: QuickLab) -> None:
    assert verdicts(POLICY, document(lab)) == {"deny": [], "warn": []}


def test_a_lost_disk_is_denied_and_what_it_costs_the_guest_is_warned_of(lab: QuickLab) -> None:
    lab.edit("disk = 20", "disk = 10", "terraform.tfvars")
    assert verdicts(POLICY, document(lab)) == {
        "deny": ['libvirt_volume.disk["db"]: what was written there would be lost'],
        "warn": ['libvirt_domain.guest["db"]: reboot (disk)'],
    }


def test_a_database_is_not_taken_away(lab: QuickLab) -> None:
    lab.edit("  db  = { memory = 1024, disk = 20 }\n", "", "terraform.tfvars")
    assert verdicts(POLICY, document(lab))["deny"] == [
        'libvirt_domain.guest["db"]: databases are moved by hand',
        'libvirt_volume.disk["db"]: what was written there would be lost',
    ]


def test_guests_want_no_more_memory_than_there_is_for_them(lab: QuickLab) -> None:
    lab.edit("memory = 512", "memory = 4000", "terraform.tfvars")
    assert verdicts(POLICY, document(lab))["deny"] == [
        "the guests want 5024 MiB of memory, and there are 4096 for them"
    ]


def test_checkov_judges_replaced_domains_and_those_that_stay_off(lab: QuickLab) -> None:
    lab.edit("autostart = true", 'autostart = each.key == "web"')
    lab.kvmform("plan", "-out=saved", '-replace=libvirt_domain.guest["web"]')
    (lab.directory / "plan.json").write_text(lab.kvmform("show", "-json", "saved").stdout)
    words = ["checkov", "--file", "plan.json", "--framework", "terraform_plan", "--skip-download", "-o", "json"]
    words += ["--external-checks-dir", str(POLICY / "checkov"), "--check", "CKV2_LAB_1,CKV2_LAB_2"]
    ran = run_client("checkov", *words, directory=lab.directory, environment=lab.environment, code=1)
    results = json.loads(ran.stdout)["results"]
    failed = {(each["check_id"], each["resource"]) for each in results["failed_checks"]}
    assert failed == {("CKV2_LAB_1", 'libvirt_domain.guest["web"]'), ("CKV2_LAB_2", 'libvirt_domain.guest["db"]')}
    assert len(results["passed_checks"]) == 2
