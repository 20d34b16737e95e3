"""What doctor finds on machines of the test's own, without a hypervisor."""

import pytest

from kvmform.doctor import Verdict, accelerator, examine, machine


def found(findings):
    return {(each.verdict, each.summary): " ".join([each.detail, *each.fix]) for each in findings}


@pytest.fixture
def no_kvm(monkeypatch, tmp_path):
    monkeypatch.setattr(accelerator, "kvm_obstacle", lambda: "there is no /dev/kvm")
    (tmp_path / "cpuinfo").touch()
    (tmp_path / "modules").mkdir()
    monkeypatch.setattr(accelerator.platform, "machine", lambda: "x86_64")
    return tmp_path


@pytest.mark.parametrize(
    ("flags", "advice"),
    [
        ("fpu vmx", "modprobe kvm_intel"),
        ("fpu svm", "modprobe kvm_amd"),
        ("fpu hypervisor", "allow nested virtualisation"),
        ("fpu", "in the machine's firmware"),
    ],
)
def test_what_keeps_kvm_away_is_found_in_the_processors_flags(no_kvm, flags, advice):
    (no_kvm / "cpuinfo").write_text(f"model name\t: X\nflags\t\t: {flags}\n")
    ((verdict, summary), told) = found(accelerator.examine(no_kvm / "cpuinfo", no_kvm / "modules")).popitem()
    assert (verdict, summary) == (Verdict.WARNING, "guests don't run under KVM")
    assert "There is no /dev/kvm." in told
    assert advice in told
    assert "KVMFORM_DOMAIN_TYPE=qemu" in told


def test_a_module_that_is_loaded_is_not_asked_for(no_kvm):
    (no_kvm / "cpuinfo").write_text("flags : vmx\n")
    (no_kvm / "modules" / "kvm_intel").mkdir()
    assert "modprobe" not in str(found(accelerator.examine(no_kvm / "cpuinfo", no_kvm / "modules")))


def test_programs_and_devices_that_are_missing_are_told_with_their_packages(tmp_path):
    told = found(machine.examine(devices=tmp_path, path=str(tmp_path)))
    assert "qemu-utils" in told[Verdict.ERROR, "qemu-img is not installed"]
    assert "DHCP" in told[Verdict.ERROR, "dnsmasq is not installed"]
    assert "swtpm" in told[Verdict.WARNING, "swtpm is not installed"]
    assert "modprobe tun" in told[Verdict.ERROR, f"there is no {tmp_path}/net/tun"]
    for name in ("qemu-img", "dnsmasq", "swtpm"):
        (tmp_path / name).touch(mode=0o755)
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tun").touch()
    whole = list(machine.examine(devices=tmp_path, path=str(tmp_path)))
    assert [each.verdict for each in whole] == [Verdict.GOOD, Verdict.GOOD]


def test_a_host_that_does_not_answer_is_a_finding_with_a_way_in(tmp_path):
    examined = examine(f"qemu+unix:///system?socket={tmp_path}/none", tmp_path)
    assert examined.verdict is Verdict.ERROR
    assert examined.findings[-1].summary.startswith("no connection to")
    assert examined.findings[-1].fix


def test_a_simulated_host_lacks_nothing(tmp_path):
    examined = examine("test:///default", tmp_path)
    assert examined.verdict is Verdict.GOOD
    assert "runs no guests" in examined.findings[0].summary
