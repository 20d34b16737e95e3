"""The private libvirt host: cut off from the machine, hard to kill by accident, easy to kill on purpose."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import libvirt
import pytest
from lab_xml import network_xml
from labhost import LabHost
from waiting import wait_until

pytestmark = pytest.mark.libvirt


def test_a_host_starts_without_any_object(fresh_lab_host: LabHost) -> None:
    """Nothing of the machine's libvirt shows up in it, not even Debian's default network."""
    connection = fresh_lab_host.connect()
    kinds = [connection.listAllDomains, connection.listAllNetworks, connection.listAllStoragePools]
    assert [listed() for listed in kinds] == [[], [], []]
    connection.close()


def test_a_host_has_a_network_of_its_own(lab_host: LabHost) -> None:
    """A bridge made in it is not among the machine's interfaces."""
    connection = lab_host.connect()
    network = connection.networkCreateXML(network_xml("apart", 201))
    assert "br-apart" in lab_host.exec_(["ls", "/sys/class/net"])
    assert not Path("/sys/class/net/br-apart").exists()
    network.destroy()
    connection.close()


def test_a_nat_network_masquerades(lab_host: LabHost) -> None:
    """Libvirt's firewall rules can be written in a host's network."""
    connection = lab_host.connect()
    network = connection.networkCreateXML(network_xml("masked", 202))
    assert "MASQUERADE" in lab_host.exec_(["iptables", "-t", "nat", "-S", "LIBVIRT_PRT"])
    network.destroy()
    connection.close()


def test_networks_survive_a_crash_of_libvirtd(fresh_lab_host: LabHost) -> None:
    """A crash ends the daemon and its connections, not what it manages."""
    connection = fresh_lab_host.connect()
    connection.networkCreateXML(network_xml("steady", 203))
    fresh_lab_host.crash()
    with pytest.raises(libvirt.libvirtError):
        connection.listAllNetworks()
    again = fresh_lab_host.connect()
    assert [network.name() for network in again.listAllNetworks() if network.isActive()] == ["steady"]
    again.close()


def test_a_host_keeps_nothing_when_it_goes_down() -> None:
    """After down its processes, its interfaces and its directory are gone."""
    if reason := LabHost.unavailable():
        pytest.skip(reason)
    host = LabHost(Path(tempfile.mkdtemp(prefix="kvmform-lab-", dir="/tmp")))
    host.up()
    connection = host.connect()
    connection.networkCreateXML(network_xml("brief", 204))
    connection.close()
    processes = host.processes()
    assert len(processes) >= 4  # the first process, its loop, libvirtd, dnsmasq
    host.down()
    assert [pid for pid in processes if Path(f"/proc/{pid}").exists()] == []
    assert not host.root.exists()


def test_a_host_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Even SIGKILL to pytest leaves no daemon behind."""
    if reason := LabHost.unavailable():
        pytest.skip(reason)
    root = Path(tempfile.mkdtemp(prefix="kvmform-lab-", dir="/tmp"))
    program = f"""
import pathlib, time, labhost
host = labhost.LabHost(pathlib.Path({str(root)!r}))
host.up()
print(*host.processes(), flush=True)
time.sleep(60)
"""
    owner = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "support")},
        cwd=tmp_path,
    )
    assert owner.stdout is not None
    processes = owner.stdout.readline().split()
    assert processes
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes), 10)
    subprocess.run(["rm", "-r", root], check=True)
