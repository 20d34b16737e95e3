"""Connecting, and the explanations of why it fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.host import Feature, open_host
from kvmform.host.opening import _unreachable


def why(uri: str) -> tuple[str, str]:
    """Summary and detail of the error that opening this URI gives."""
    with pytest.raises(DiagnosticError) as caught:
        open_host(uri, Path("/"))
    return caught.value.diagnostics[0].summary, caught.value.diagnostics[0].detail


def test_no_daemon_at_the_socket_says_how_to_start_it(tmp_path: Path) -> None:
    uri = f"qemu+unix:///system?socket={tmp_path}/libvirt-sock"
    summary, detail = why(uri)
    assert summary == f"Cannot connect to the host {uri}"
    assert "libvirt says: Failed to connect socket" in detail
    assert "systemctl start libvirtd.socket" in detail
    assert "test+file:host.xml" in detail


def test_an_unknown_driver_is_told_before_anything_is_tried() -> None:
    summary, detail = why("kvm:///system")
    assert summary == "Cannot connect to the host kvm:///system"
    assert '"kvm" is no hypervisor driver of libvirt' in detail


def test_no_uri_at_all_is_told() -> None:
    assert why("")[0] == "Cannot connect to the host (no URI)"


def test_an_unknown_transport_is_told() -> None:
    assert "Write the URI as qemu:///system" in why("qemu+pigeon://host/system")[1]


def test_a_closed_port_is_told() -> None:
    assert "Check that the host is up" in why("qemu+tcp://127.0.0.1:1/system")[1]


def test_a_test_driver_document_that_is_missing_is_told(tmp_path: Path) -> None:
    assert "failed to parse xml document" in why(f"test://{tmp_path}/none.xml")[1]


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("Failed to connect socket to '/run/libvirt/libvirt-sock': Permission denied", "group libvirt"),
        ("authentication unavailable: no polkit agent available", "group libvirt"),
        ("Cannot recv data: Host key verification failed.: Connection reset by peer", "accept its key"),
        ("Cannot recv data: joe@h: Permission denied (publickey).: Connection reset by peer", "ssh-agent"),
        ("Cannot recv data: ssh: Could not resolve hostname h: Name or service not known", "spelling"),
        ("Cannot recv data: sh: 1: nc: not found: Connection reset by peer", "proxy=native"),
        ("Cannot read CA certificate '/etc/pki/CA/cacert.pem': No such file or directory", "certificates"),
        ("no connection driver available for lxc:///system", "libvirt-daemon-driver-qemu"),
        ("internal error: unexpected qemu URI path '/bogus', try qemu:///system", "qemu:///session"),
    ],
)
def test_each_reason_has_a_way_out(reason: str, advice: str) -> None:
    assert advice in _unreachable("qemu+ssh://joe@h/system", reason).diagnostics[0].detail


def test_libvirts_own_test_host_can_be_opened() -> None:
    host = open_host("test:///default", Path("/"))
    assert host.kind == "test"
    assert host.is_simulated
    assert host.libvirt_version >= (9, 0, 0)
    assert not host.can(Feature.UPLOAD)
    assert host.inventory.domains.named("test") is not None
    host.close()


def test_importing_the_room_does_not_load_libvirt() -> None:
    """A command that talks to no host does not pay for it."""
    program = (
        "import sys, kvmform.host, kvmform.host.power, kvmform.host.address_waiting; print('libvirt' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
    assert ran.stderr == ""


def test_libvirt_prints_nothing_of_its_own(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path\n"
        "from kvmform.diagnostics import DiagnosticError\n"
        "from kvmform.host import open_host\n"
        f"try:\n    open_host('qemu+unix:///system?socket={tmp_path}/none', Path('/'))\nexcept DiagnosticError: pass"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stderr == ""


def test_a_missing_binding_is_told_with_what_to_install() -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from kvmform.diagnostics import DiagnosticError\n"
        "from kvmform.host import open_host\n"
        "sys.modules['libvirt'] = None\n"
        "try:\n    open_host('test:///default', Path('/'))\n"
        "except DiagnosticError as problem:\n    print(problem.diagnostics[0].summary, problem.diagnostics[0].detail)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("libvirt's Python binding cannot be loaded")
    assert "libvirt-python" in ran.stdout
