"""Each flag that Terraform 1.11 documents, and the old ones that programs still send: they are taken."""

import pytest
from command_line import CommandLine

from kvmform.cli.app import ABSENT, COMMANDS, GROUPS, command
from kvmform.cli.command_line import parameters, read
from kvmform.diagnostics import DiagnosticError

_STATE = "-state=s -state-out=s -backup=b -lock=false -lock-timeout=0s"
_PLANNED = "-var a=b -var-file=f -target=a.b -compact-warnings -input=false -no-color -lock=false -lock-timeout=3s"

FLAGS = {
    "init": "-backend=false -backend-config=path -backend-config=k=v -cloud=false -force-copy -from-module=m "
    "-get=false -ignore-remote-version -input=false -json -lock-timeout=0s -lock=false -lockfile=readonly "
    "-migrate-state -no-color -plugin-dir=p -plugin-dir q -reconfigure -test-directory=t -upgrade -var a=b -var-file=f "
    "-get-plugins=true -verify-plugins=true",
    "validate": "-json -no-color -no-tests -test-directory=t -var a=b -var-file=f",
    "plan": f"{_PLANNED} -destroy -detailed-exitcode -out=p -parallelism=3 --parallelism=4 -refresh-only "
    "-refresh=false -replace=a.b -state=s -json -generate-config-out=g.tf",
    "apply": f"{_PLANNED} {_STATE} -auto-approve -auto-approve=false -destroy -parallelism=3 -refresh-only -refresh "
    "-replace=a.b -json",
    "destroy": f"{_PLANNED} {_STATE} -auto-approve -parallelism=3 -refresh=false -json -force",
    "refresh": f"{_PLANNED} {_STATE} -parallelism=3 -json",
    "console": "-plan -state=s -var a=b -var-file=f",
    "fmt": "-check -diff=true -list=false -no-color -recursive -write=false",
    "force-unlock": "-force ID",
    "get": "-no-color -test-directory=t -update=false",
    "graph": "-draw-cycles -module-depth=1 -plan=p -type=plan-destroy",
    "import": "-allow-missing-config -config=. -ignore-remote-version -input=false -lock=false -lock-timeout=0s "
    "-no-color -parallelism=3 -provider=p -state=s -state-out=s -backup=b -var a=b -var-file=f a.b id",
    "metadata functions": "-json",
    "output": "-json -no-color -raw -state=s",
    "providers": "-test-directory=t -no-color",
    "providers lock": "-enable-plugin-cache -fs-mirror=d -net-mirror=u -platform=linux_amd64 a/b",
    "providers mirror": "-lock-file=false -platform=linux_amd64 d",
    "providers schema": "-json -no-color",
    "show": "-json -no-color",
    "state list": "-id=x -state=s -no-color",
    "state mv": f"-dry-run -ignore-remote-version {_STATE} a.b a.c",
    "state pull": "-no-color",
    "state push": "-force -ignore-remote-version -lock=false -lock-timeout=0s f",
    "state replace-provider": f"-auto-approve -ignore-remote-version {_STATE} a/b a/c",
    "state rm": f"-dry-run -ignore-remote-version {_STATE} a.b",
    "state show": "-state=s -no-color a.b",
    "taint": f"-allow-missing -ignore-remote-version {_STATE} a.b",
    "untaint": f"-allow-missing -ignore-remote-version {_STATE} a.b",
    "version": "-json -no-color",
    "workspace list": "-no-color",
    "workspace new": "-lock=false -lock-timeout=0s -state=s -no-color w",
    "workspace select": "-or-create=false -no-color w",
    "workspace delete": "-force -lock=false -lock-timeout=0s -no-color w",
    "workspace show": "-no-color",
}


@pytest.mark.parametrize("name", FLAGS)
def test_a_command_takes_its_flags(name):
    read(command(name), FLAGS[name].split(), name)


def test_a_command_of_terraforms_is_there_or_says_what_there_is_instead(tmp_path):
    assert not set(ABSENT) & set(COMMANDS)
    for name in ABSENT:
        said = CommandLine(tmp_path).run(name, "-json", code=1)
        assert f'kvmform has no command "{name}"' in said


def test_a_directory_as_argument_is_told_of_chdir(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab").mkdir()
    with pytest.raises(DiagnosticError) as caught:
        read(command("plan"), ["lab"], "plan")
    (told,) = caught.value.diagnostics
    assert told.summary == "Too many command line arguments"
    assert "kvmform -chdir=lab plan" in told.detail


def test_an_old_flag_of_destroy_is_told_of_and_does_what_it_did(tmp_path):
    lab = CommandLine(tmp_path).applied('resource "terraform_data" "a" {}')
    assert "Warning: Old flag" in (said := lab.run("destroy", "-force"))
    assert "Destroy complete! Resources: 1 destroyed." in said


@pytest.mark.parametrize("words", [["help", "plan"], ["-help", "plan"], ["plan", "-help"], ["plan", "-h", "-out=x"]])
def test_help_may_be_asked_for_before_and_behind_a_command(tmp_path, words):
    assert "Usage: kvmform plan" in CommandLine(tmp_path).run(*words)


def test_help_lists_every_command_with_a_whole_sentence(tmp_path):
    said = CommandLine(tmp_path).run("-help")
    for name in {name.split()[0] for name in COMMANDS}:
        assert f"\n  {name} " in said
    assert "..." not in said.partition("Commands:")[2]


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in GROUPS])
def test_help_of_a_command_has_each_flag_that_is_not_hidden_with_what_it_does(tmp_path, name):
    said = " ".join(CommandLine(tmp_path).run(*name.split(), "-help").split())
    assert said.startswith(f"Usage: kvmform {name} ")
    for parameter in parameters(command(name)):
        for flag in parameter.flags:
            assert (f" {flag.name} " in said) is not flag.hidden
            assert flag.hidden or flag.help.split()[0] in said
