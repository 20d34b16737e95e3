"""The table of libvirt_domain, against provider 0.8.3 and against itself."""

import pytest

from kvmform.resources.domain.equivalence import same_mac, same_machine, same_or_default, same_text
from kvmform.resources.domain.schema import SCHEMA
from kvmform.schema import Block, Disruption, Row

PROVIDER_0_8 = """
    name description metadata vcpu memory firmware type nvram nvram.file nvram.template running cloudinit
    coreos_ignition fw_cfg_name filesystem filesystem.accessmode filesystem.source filesystem.target
    filesystem.readonly disk disk.volume_id disk.url disk.file disk.scsi disk.wwn disk.block_device
    network_interface network_interface.network_id network_interface.network_name network_interface.bridge
    network_interface.vepa network_interface.private network_interface.macvtap network_interface.passthrough
    network_interface.hostname network_interface.mac network_interface.wait_for_lease network_interface.addresses
    graphics graphics.type graphics.autoport graphics.listen_type graphics.listen_address graphics.websocket
    video video.type console console.type console.source_path console.source_host console.source_service
    console.target_port console.target_type cpu cpu.mode autostart machine arch boot_device boot_device.dev
    emulator kernel initrd cmdline qemu_agent tpm tpm.model tpm.backend_type tpm.backend_device_path
    tpm.backend_encryption_secret tpm.backend_version tpm.backend_persistent_state xml xml.xslt
""".split()
"""Every argument that the provider's domain had."""

DEFAULTS_0_8 = {
    "vcpu": 1,
    "memory": 512,
    "running": True,
    "fw_cfg_name": "opt/com.coreos/config",
    "filesystem.accessmode": "mapped",
    "filesystem.readonly": True,
    "disk.scsi": False,
    "network_interface.wait_for_lease": False,
    "graphics.type": "spice",
    "graphics.autoport": True,
    "graphics.listen_type": "none",
    "graphics.listen_address": "127.0.0.1",
    "video.type": "cirrus",
    "console.source_host": "127.0.0.1",
    "console.source_service": "0",
    "tpm.backend_type": "emulator",
}


def walk(rows, at=""):
    for name, row in rows.items():
        yield at + name, row
        if isinstance(row, Block):
            yield from walk(row.rows, f"{at}{name}.")


ROWS = dict(walk(SCHEMA.rows))


def test_every_argument_of_provider_0_8_is_there():
    assert set(PROVIDER_0_8) <= ROWS.keys()


@pytest.mark.parametrize("path", DEFAULTS_0_8)
def test_default_is_that_of_provider_0_8(path):
    assert ROWS[path].default == DEFAULTS_0_8[path]


@pytest.mark.parametrize("path", ROWS)
def test_row_is_documented_in_one_sentence(path):
    doc = ROWS[path].doc
    assert doc
    assert doc.endswith((".", "…"))


def test_only_an_architecture_or_a_stylesheet_makes_a_new_domain():
    replacing = {path for path, row in ROWS.items() if row.change is Disruption.REPLACE}
    assert replacing == {"id", "arch", "xml", "xml.xslt"}


def test_defaults_are_the_same_as_what_they_default_to():
    for path, row in ROWS.items():
        if isinstance(row, Row) and row.default is not None:
            assert row.same(row.default, row.default), path


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("pc", "pc-i440fx-7.2", True),
        ("pc-i440fx-7.2", "pc", True),
        ("pc-q35-7.2", "q35", True),
        ("pc-q35-rhel9.2.0", "q35", True),
        ("virt-7.2", "virt", True),
        ("s390-ccw-virtio-7.2", "s390-ccw-virtio", True),
        ("pc-q35-7.2", "pc", False),
        ("pc-q35-7.2", "pc-q35-6.2", False),
        ("pc-i440fx-7.2", "pc-i440fx-7.2", True),
        ("microvm", "microvm", True),
        (None, "pc", False),
        (None, None, True),
        ("", None, True),
    ],
)
def test_machine_alias_stands_for_its_versions(before, after, same):
    assert same_machine(before, after) is same


def test_case_of_a_mac_does_not_matter():
    assert same_mac("52:54:00:AA:BB:CC", "52:54:00:aa:bb:cc")
    assert not same_mac("52:54:00:AA:BB:CC", None)


def test_empty_text_is_no_text():
    assert same_text("", None)
    assert not same_text("", "x")


def test_what_an_old_record_lacks_is_the_default():
    assert same_or_default(60)(None, 60)
    assert not same_or_default(60)(30, 60)
