"""Programs of other people's, as they are, have kvmform keep a lab on a real host, or read its plan."""

import json
import re
import shutil
import subprocess

import pytest
from client_cases import CASES
from client_programs import client_environment, run_client
from inventory import EMPTY, inventory
from lab import KVMFORM, Lab, environment_for

LAB = CASES / "libvirt"
PROGRAMS = CASES / "programs"
OBJECTS = [
    "libvirt_domain.guest",
    "libvirt_network.lab",
    "libvirt_pool.lab",
    'libvirt_volume.disk["a"]',
    'libvirt_volume.disk["b"]',
]


@pytest.fixture
def around(host, domain_type):
    return environment_for(host.uri, domain_type)


@pytest.fixture
def lab(tmp_path, around):
    shutil.copytree(LAB, tmp_path / "lab")
    return Lab(tmp_path / "lab", around)


@pytest.mark.libvirt
def test_tftest_takes_a_lab_through_its_life(host, lab):
    ran = run_client(
        "programs",
        *("python", PROGRAMS / "with_tftest.py", lab.directory, KVMFORM),
        directory=lab.directory,
        environment=lab.environment,
    )
    found = json.loads(ran.stdout)
    domain = found["all outputs"].pop("domain")
    assert len(domain) == 36
    assert found == {
        "initialized": True,
        "planned": OBJECTS,
        "memory": 96,
        "variables": {"name": "client", "memory": 96, "disks": ["a", "b"]},
        "outputs": ["disks", "domain"],
        "output": f'"{domain}"\n',
        "all outputs": {"disks": ["a.qcow2", "b.qcow2"]},
        # Of what is in no module it says that the module is None.
        "recorded": [f"None.{each}" for each in [*OBJECTS[:3], "libvirt_volume.disk"]],
        "refreshed": True,
        "changes afterwards": [],
        "workspace": "",
        "destroyed": True,
    }
    assert inventory(host) == EMPTY
    assert not (lab.directory / ".terraform").exists(), "tftest cleans up behind itself"


@pytest.mark.libvirt
def test_python_terraform_takes_a_lab_through_its_life(host, lab):
    ran = run_client(
        "programs",
        *("python", PROGRAMS / "with_python_terraform.py", lab.directory, KVMFORM),
        directory=lab.directory,
        environment=lab.environment,
    )
    found = json.loads(ran.stdout)
    assert found.pop("outputs")["disks"] == {"sensitive": False, "type": ["tuple", ["string"]], "value": ["a.qcow2"]}
    assert found == {
        "init": 0,
        "plan": 2,
        "apply without approval": 1,
        "apply": 0,
        "applied": "4 added",
        "plan again": 0,
        "recorded": ["libvirt_domain", "libvirt_network", "libvirt_pool", "libvirt_volume"],
        "state rm": 0,
        "import": 0,
        "plan of what was imported": 0,
        "workspace new": 0,
        "workspace": "other",
        "workspace select": 0,
        "workspace delete": 0,
        "fmt": 0,
        "diff": True,
        "destroy": 0,
    }, ran.stderr
    assert inventory(host) == EMPTY


@pytest.mark.libvirt
def test_terraform_exec_takes_a_lab_through_its_life(host, lab):
    program = client_environment("terraform-exec")
    if not program.exists():
        pytest.skip("there is no Go 1.23 here, or it can't fetch modules")
    ran = run_client(
        "terraform-exec",
        *(program.name, lab.directory, KVMFORM),
        directory=lab.directory,
        environment=lab.environment,
    )
    found = json.loads(ran.stdout)
    objects = OBJECTS[:-1]
    assert "Value for undeclared variable" in found.pop("wrong variable")
    assert found == {
        "version": "1.11.4",
        "valid": True,
        "empty": True,
        "changes": True,
        "actions": {each: ["create"] for each in objects},
        "configured": 4,
        "text": True,
        "changes afterwards": False,
        "recorded": objects,
        "disks": ["a.qcow2"],
        "pulled": True,
        "changes after the import": False,
        "known types": True,
        "known functions": True,
        "graph": True,
        "workspace": "default",
        "unlocked": False,
    }
    assert inventory(host) == EMPTY


@pytest.mark.libvirt
def test_ansible_takes_a_lab_through_its_life(host, lab):
    collections = client_environment("programs") / "collections"
    lab.environment |= {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_LOCALHOST_WARNING": "false"}
    given = json.dumps({"directory": str(lab.directory), "binary": str(KVMFORM)})
    run_client(
        "programs",
        *("ansible-playbook", PROGRAMS / "playbook.yml", "--extra-vars", given),
        directory=lab.directory,
        environment=lab.environment,
    )
    told = json.loads((lab.directory / "told.json").read_text())
    assert {name: each["changed"] for name, each in told.items()} == {
        "planned": True,
        "made": True,
        "found": False,
        "destroyed": True,
    }
    after = told["planned"]["diff"]["after"]["data"]
    assert [each["resource"] for each in after] == OBJECTS
    assert after[0]["change"]["memory"] == 72
    assert told["made"]["outputs"]["disks"]["value"] == ["a.qcow2", "b.qcow2"]
    assert inventory(host) == EMPTY


def planned(lab):
    lab.kvmform("plan", "-out=plan.out")
    (lab.directory / "plan.out.json").write_text(lab.kvmform("show", "-json", "plan.out").stdout)
    return lab


@pytest.fixture
def simulated(lab):
    """The lab on a simulated host."""
    lab.environment["LIBVIRT_DEFAULT_URI"] = "test:///default"
    return lab


def test_terraform_compliance_has_a_plan_file_read_by_kvmform(simulated):
    simulated.kvmform("plan", "-out=plan.out")
    words = ["terraform-compliance", "-t", str(KVMFORM), "-p", "plan.out", "-f", str(CASES / "features")]
    ran = run_client("programs", *words, directory=simulated.directory, environment=simulated.environment)
    assert "4 scenarios (4 passed)" in without_color(ran.stdout)


def test_terraform_compliance_finds_what_is_against_its_features(simulated):
    simulated.give(memory=32)
    lab = planned(simulated)
    words = ["terraform-compliance", "-p", "plan.out.json", "-f", str(CASES / "features")]
    ran = run_client("programs", *words, directory=lab.directory, environment=lab.environment, code=1)
    assert "4 scenarios (3 passed, 1 failed)" in without_color(ran.stdout)
    assert "libvirt_domain.guest" in ran.stdout


def test_checkov_scans_plan_and_configuration(simulated):
    """Its own check of where modules come from, a policy in Python, and one in YAML."""
    add_fetched_module(simulated)
    simulated.kvmform("init")
    simulated.give(memory=96)
    lab = planned(simulated)
    words = ["checkov", "-d", ".", "--framework", "terraform", "terraform_plan", "--skip-download", "-o", "json"]
    words += ["--external-checks-dir", str(CASES / "policies"), "-c", "CKV_LAB_1,CKV2_LAB_2,CKV_TF_1"]
    ran = run_client("checkov", *words, directory=lab.directory, environment=lab.environment, code=1)
    reports = {each["check_type"]: each["results"] for each in json.loads(ran.stdout)}
    of_plan = reports["terraform_plan"]
    assert checks(of_plan["failed_checks"]) == {("CKV_LAB_1", "libvirt_domain.guest")}
    assert checks(of_plan["passed_checks"]) == {("CKV2_LAB_2", 'libvirt_volume.disk["a"]')}
    assert checks(reports["terraform"]["passed_checks"]) >= {("CKV_TF_1", "fetched")}


def checks(found):
    return {(each["check_id"], each["resource"]) for each in found}


def add_fetched_module(lab):
    """A module in a git repository, called at one commit."""
    repository = lab.directory.with_name("module")
    repository.mkdir()
    (repository / "main.tf").write_text('output "fetched" {\n  value = true\n}\n')
    commands = [["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"]]
    for words in commands:
        subprocess.run(["git", *words], cwd=repository, check=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, check=True, capture_output=True, text=True)
    source = f"git::file://{repository}?ref={commit.stdout.strip()}"
    lab.add(f'module "fetched" {{\n  source = "{source}"\n}}\n', "fetched.tf")


def without_color(text):
    return re.sub(r"\x1b\[\d+(?:;\d+)*m", "", text)
