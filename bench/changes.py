"""Measure live changes of a running guest: by kvmform, and by the bare libvirt calls, in turn in one run.

    .venv/bin/python bench/changes.py              each change so many times
    .venv/bin/python bench/changes.py -rounds=9    more rounds

A private host and a guest are started for it. `libvirt` is the time of the calls that somebody would make by hand, on
an open connection; `change` is what kvmform takes for the same, from the moment that it begins with the object to
the one that the result is recorded; `apply` is the whole command, with reading, planning and the start of Python.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import libvirt

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from lab import KVMFORM, environment_for  # noqa: E402 - the tests' own modules
from labhost import LabHost  # noqa: E402
from waiting import wait_until  # noqa: E402

ROUNDS = 5
POOL = "/var/lib/libvirt/images"
MIB = 2**20
CHANGING = {"apply_start", "apply_complete"}
BOTH = libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_AFFECT_CONFIG

LAB = f"""
variable "base_image" {{ type = string }}
variable "memory"     {{ default = 160 }}
variable "disk"       {{ default = false }}
variable "nic"        {{ default = false }}
variable "host"       {{ default = false }}
variable "size"       {{ default = {64 * MIB} }}

resource "libvirt_pool" "lab" {{
  name = "bench"
  type = "dir"
  target {{ path = "{POOL}/bench" }}
}}

resource "libvirt_volume" "system" {{
  name   = "system.qcow2"
  pool   = libvirt_pool.lab.name
  source = var.base_image
}}

resource "libvirt_volume" "data" {{
  for_each = toset(["grown", "plugged"])
  name     = each.key
  pool     = libvirt_pool.lab.name
  size     = each.key == "grown" ? var.size : {64 * MIB}
}}

resource "libvirt_network" "lab" {{
  name      = "bench"
  addresses = ["10.17.94.0/24"]
  stp       = false

  dhcp {{
    dynamic "hosts" {{
      for_each = var.host ? [1] : []
      content {{
        mac = "52:54:00:00:94:01"
        ip  = "10.17.94.50"
      }}
    }}
  }}
}}

resource "libvirt_domain" "guest" {{
  name    = "bench"
  machine = "q35"
  memory  = var.memory

  disk {{ volume_id = libvirt_volume.system.id }}
  disk {{ volume_id = libvirt_volume.data["grown"].id }}

  dynamic "disk" {{
    for_each = var.disk ? [1] : []
    content {{ volume_id = libvirt_volume.data["plugged"].id }}
  }}

  dynamic "network_interface" {{
    for_each = var.nic ? [1, 2] : [1]
    content {{
      network_id     = libvirt_network.lab.id
      wait_for_lease = network_interface.value == 1
    }}
  }}
}}
"""

DISK = f"""<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
<source file='{POOL}/bench/plugged'/><target dev='vdc' bus='virtio'/></disk>"""
INTERFACE = """<interface type='network'><mac address='52:54:00:00:94:02'/>
<source network='bench'/><model type='virtio'/></interface>"""
HOST = "<host mac='52:54:00:00:94:01' ip='10.17.94.50'/>"


class _Bare:
    """The calls that make each change by hand, and take it back."""

    def __init__(self, connection: libvirt.virConnect) -> None:
        self.domain = connection.lookupByName("bench")
        self.network = connection.networkLookupByName("bench")
        self.size = 64 * MIB

    def memory(self) -> None:
        self.domain.setMemoryFlags(128 * 1024, BOTH)

    def memory_back(self) -> None:
        self.domain.setMemoryFlags(160 * 1024, BOTH)

    def disk(self) -> None:
        self.domain.attachDeviceFlags(DISK, BOTH)

    def disk_back(self) -> None:
        self._detach(DISK, "vdc")

    def nic(self) -> None:
        self.domain.attachDeviceFlags(INTERFACE, BOTH)

    def nic_back(self) -> None:
        self._detach(INTERFACE, "52:54:00:00:94:02")

    def host(self) -> None:
        self._host(libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST)

    def host_back(self) -> None:
        self._host(libvirt.VIR_NETWORK_UPDATE_COMMAND_DELETE)

    def grow(self) -> None:
        self.size += MIB
        self.domain.blockResize("vdb", self.size, libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES)

    def _host(self, command: int) -> None:
        section = libvirt.VIR_NETWORK_SECTION_IP_DHCP_HOST
        flags = libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE | libvirt.VIR_NETWORK_UPDATE_AFFECT_CONFIG
        self.network.update(command, section, -1, HOST, flags)

    def _detach(self, xml: str, mark: str) -> None:
        self.domain.detachDeviceFlags(xml, BOTH)
        if not wait_until(lambda: mark not in self.domain.XMLDesc(), 20):
            sys.exit("the guest does not give the device back")


class Times(NamedTuple):
    """Seconds: of the bare calls, of kvmform's change, and of the whole command."""

    bare: float
    change: float
    command: float


def main(words: list[str]) -> int:
    """Measure, and print a line for each change."""
    rounds = next((int(word.partition("=")[2]) for word in words if word.startswith("-rounds=")), ROUNDS)
    libvirt.registerErrorHandler(lambda _context, _error: None, None)  # errors are exceptions; else each is printed too
    image, kind = said_by("guest/build", "cloud"), said_by("probe_accelerator")
    with (
        LabHost(Path(tempfile.mkdtemp(prefix="kvmform-bench-", dir="/tmp"))) as host,
        tempfile.TemporaryDirectory() as directory,
    ):
        lab = Bench(Path(directory), environment_for(host.uri, kind, base_image=image))
        lab.apply()
        print("                        libvirt     change   of libvirt's      apply")
        with closing(host.connect()) as connection:
            measure_all(lab, _Bare(connection), rounds)
        lab.run("destroy", "-auto-approve")
    return 0


def said_by(script: str, *words: str) -> str:
    """The last line that one of the project's scripts prints."""
    ran = subprocess.run([REPOSITORY / "scripts" / script, *words], check=True, stdout=subprocess.PIPE, text=True)
    return ran.stdout.splitlines()[-1]


class Bench:
    """The lab, and the times of what is applied to it."""

    def __init__(self, directory: Path, environment: dict[str, str]) -> None:
        self.directory = directory
        self.environment = environment
        (directory / "main.tf").write_text(LAB)

    def run(self, *words: str) -> str:
        """What a command printed."""
        ran = subprocess.run(
            [KVMFORM, *words], cwd=self.directory, env=self.environment, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            sys.exit(f"kvmform {' '.join(words)} failed:\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def apply(self, **variables: object) -> tuple[float, float]:
        """Seconds from the first beginning of a change to its end, and of the whole command."""
        words = [f"-var={name}={json.dumps(value)}" for name, value in variables.items()]
        began = time.perf_counter()
        said = [json.loads(line) for line in self.run("apply", "-auto-approve", "-json", *words).splitlines()]
        took = time.perf_counter() - began
        moments = [datetime.fromisoformat(each["@timestamp"]) for each in said if each["type"] in CHANGING]
        return (moments[-1] - moments[0]).total_seconds() if moments else 0.0, took


def measure_all(lab: Bench, bare: _Bare, rounds: int) -> None:
    """Each change: there by hand and back, then there by kvmform and back, as often as asked for."""
    changes: list[tuple[str, dict[str, object], Callable[[], None], Callable[[], None]]] = [
        ("memory by the balloon", {"memory": 128}, bare.memory, bare.memory_back),
        ("disk attached", {"disk": True}, bare.disk, bare.disk_back),
        ("interface attached", {"nic": True}, bare.nic, bare.nic_back),
        ("DHCP host added", {"host": True}, bare.host, bare.host_back),
    ]
    for words, variables, there, back in changes:
        found = []
        for _ in range(rounds):
            by_hand = timed(there)
            back()
            found.append(Times(by_hand, *lab.apply(**variables)))
            lab.apply()
        print(line(words, found), flush=True)
    found = []
    for _ in range(rounds):
        by_hand = timed(bare.grow)
        bare.size += MIB
        found.append(Times(by_hand, *lab.apply(size=bare.size)))
    print(line("volume grown", found), flush=True)


def timed(call: Callable[[], None]) -> float:
    """Seconds of a call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def line(words: str, found: list[Times]) -> str:
    """The medians."""
    bare, change, command = (statistics.median(values) for values in zip(*found, strict=True))
    return f"{words:<22}{bare * 1000:6.0f} ms  {change * 1000:6.0f} ms {change / bare:14.1f}  {command * 1000:6.0f} ms"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
