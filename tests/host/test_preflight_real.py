"""What a plan says beforehand of what the host would not do, or not do well: and the host itself says so too."""

import tempfile
from contextlib import closing
from pathlib import Path

import libvirt
import pytest
from guest_lab import GuestLab
from lab import environment_for

pytestmark = pytest.mark.libvirt

LAB = """
resource "libvirt_domain" "guest" {{
  name   = "preflight"
  memory = {memory}
  vcpu   = {vcpu}

  disk {{
    file = "{disk}"
  }}
}}
"""


@pytest.fixture
def closed(fresh_lab_host):
    """A host whose QEMU runs as a user of its own, and a directory that this user may not enter."""
    configuration = fresh_lab_host.root / "etc" / "qemu.conf"
    mine = (
        configuration.read_text()
        .replace('user = "root"', 'user = "libvirt-qemu"')
        .replace("ownership = 0", "ownership = 1")
    )
    configuration.write_text(mine.replace('group = "root"', 'group = "libvirt-qemu"'))
    fresh_lab_host.crash()
    with tempfile.TemporaryDirectory() as directory:  # pytest's own is closed to others
        Path(directory).chmod(0o711)
        home = Path(directory, "home")
        home.mkdir(mode=0o700)
        (home / "disk.img").write_bytes(bytes(2**20))
        yield fresh_lab_host, home


def test_an_image_that_qemu_does_not_get_to_is_refused_as_libvirt_would(closed, tmp_path, domain_type):
    host, home = closed
    text = LAB.format(memory=64, vcpu=1, disk=home / "disk.img")
    lab = GuestLab.of_text(text, tmp_path, environment_for(host.uri, domain_type), host)
    told = lab.fails("plan")
    assert told.startswith("Error: File out of reach for QEMU")
    assert "on main.tf line 8" in told
    assert f"setfacl -m u:libvirt-qemu:x {home}" in told
    with closing(host.connect()) as connection:
        xml = f"""
        <domain type='{domain_type}'>
          <name>preflight</name><memory unit='MiB'>64</memory><os><type>hvm</type></os>
          <devices><disk type='file'><driver name='qemu' type='raw'/><source file='{home}/disk.img'/>
          <target dev='vda'/></disk></devices>
        </domain>
        """
        with pytest.raises(libvirt.libvirtError, match="Permission denied"):
            connection.createXML(xml)
    home.chmod(0o711)
    assert "1 to add" in lab.kvmform("plan").stdout


def test_more_than_the_host_has_is_told_and_does_not_stop_the_plan(lab_host, tmp_path, domain_type):
    image = tmp_path / "disk.img"
    image.write_bytes(bytes(2**20))
    text = LAB.format(memory=2**26, vcpu=200, disk=image)
    lab = GuestLab.of_text(text, tmp_path, environment_for(lab_host.uri, domain_type), lab_host)
    said = lab.kvmform("plan").stdout
    assert "Warning: More memory than the host has" in said
    assert "67108864 MiB of memory together" in said
    assert "Warning: More processors than the host has" in said
    (tmp_path / "main.tf").write_text(LAB.format(memory=64, vcpu=1, disk=image))
    assert "Warning" not in lab.kvmform("plan").stdout
