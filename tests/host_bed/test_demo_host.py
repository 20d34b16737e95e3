"""The demo's libvirt host, on a machine of the test's own: no init system, no libvirt, no network but its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab_xml import network_xml
from labhost import LabHost

pytestmark = pytest.mark.libvirt

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"

Machine = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Run a bash script where `$demo_host` is the program, and every process that it leaves behind ends with it."""
    if os.geteuid() != 0 or LabHost.unavailable() is not None:
        pytest.skip("a machine of the test's own needs root")
    directory = Path(tempfile.mkdtemp(prefix="kvmform-demo-", dir="/tmp"))
    (directory / "net.xml").write_text(network_xml("kept", 220))
    spaces = ["--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "--propagation=private"]
    inherited = {name: value for name, value in os.environ.items() if name != "LIBVIRT_DEFAULT_URI"}
    settings = {"KVMFORM_DEMO": str(directory / "demo"), "demo_host": str(SCRIPTS / "demo_host")}

    def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        start = f"cd {directory}; mount -t tmpfs tmpfs /run; ip link set lo up\n"
        return subprocess.run(
            ["unshare", *spaces, "bash", "-euc", start + script],
            check=False,
            text=True,
            capture_output=True,
            env=inherited | settings | environment,
        )

    yield run
    shutil.rmtree(directory)


def test_a_private_host_comes_up_once_and_goes_down(machine: Machine) -> None:
    """The second `up` finds the first one's host; after `down` neither a process nor a file is left."""
    ran = machine("""
        first=$($demo_host up)
        second=$($demo_host up)
        [ "$first" = "$second" ]
        [ "$(pgrep -cx libvirtd)" = 1 ]
        [ -z "$(virsh --quiet --connect "$first" net-list --all)" ]
        $demo_host down
        [ -z "$(pgrep -x libvirtd)" ]
        [ ! -e "$KVMFORM_DEMO/host" ]
    """)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count("starting a private libvirtd") == 1


def test_a_private_host_that_was_killed_takes_up_its_networks_again(machine: Machine) -> None:
    """Its bridge outlives it on the machine's network; a host that did not know it could never start the network."""
    ran = machine("""
        uri=$($demo_host up)
        virsh --quiet --connect "$uri" net-define net.xml
        virsh --quiet --connect "$uri" net-start kept
        kill -KILL "$(cut -d' ' -f1 "$KVMFORM_DEMO/host/process")"
        while pgrep -x libvirtd; do sleep 0.1; done
        ip link show br-kept
        [ "$($demo_host up)" = "$uri" ]
        [ "$(virsh --connect "$uri" net-list --name)" = kept ]
        virsh --quiet --connect "$uri" net-destroy kept
        [ -z "$(ip link show type bridge)" ]
        $demo_host down
    """)
    assert ran.returncode == 0, ran.stderr


def test_a_stale_process_file_names_nobody(machine: Machine) -> None:
    """The id of a dead host may be another process's by now: that one is neither taken for the host nor killed."""
    ran = machine("""
        sleep 60 &
        mkdir -p "$KVMFORM_DEMO/host"
        echo "$! 1" > "$KVMFORM_DEMO/host/process"
        $demo_host down
        kill -0 $!
    """)
    assert ran.returncode == 0, ran.stderr


def test_the_host_that_the_user_names_is_used(machine: Machine) -> None:
    ran = machine("$demo_host up", LIBVIRT_DEFAULT_URI="test:///default")
    assert (ran.returncode, ran.stdout) == (0, "test:///default\n")


def test_a_named_host_that_does_not_answer_is_an_error(machine: Machine) -> None:
    """No other host takes its place."""
    ran = machine("$demo_host up", LIBVIRT_DEFAULT_URI="qemu+unix:///system?socket=/nowhere")
    assert ran.returncode == 1
    assert "does not answer: qemu+unix:///system?socket=/nowhere" in ran.stderr
