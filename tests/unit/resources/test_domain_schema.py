"""The table of libvirt_domain, against provider 0.8.3 and against itself."""

import pytest

from kvmform.resources.domain.equivalence import same_cpuset, same_mac, same_machine, same_text
from kvmform.resources.domain.schema import SCHEMA
from kvmform.schema import Block, Disruption, Row

PROVIDER_0_8 = {
    "": "name description metadata vcpu memory firmware type nvram running cloudinit coreos_ignition fw_cfg_name "
    "filesystem disk network_interface graphics video console cpu autostart machine arch boot_device emulator kernel "
    "initrd cmdline qemu_agent tpm xml",
    "nvram": "file template",
    "filesystem": "accessmode source target readonly",
    "disk": "volume_id url file scsi wwn block_device",
    "network_interface": "network_id network_name bridge vepa private macvtap passthrough hostname mac wait_for_lease "
    "addresses",
    "graphics": "type autoport listen_type listen_address websocket",
    "video": "type",
    "console": "type source_path source_host source_service target_port target_type",
    "cpu": "mode",
    "boot_device": "dev",
    "tpm": "model backend_type backend_device_path backend_encryption_secret backend_version backend_persistent_state",
    "xml": "xslt",
}
"""Every argument that the provider's domain had, by block."""

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
    paths = {f"{block}.{name}".lstrip(".") for block, names in PROVIDER_0_8.items() for name in names.split()}
    assert paths <= ROWS.keys()


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
    assert replacing == {"id", "arch"}


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


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("0-3", "0,1,2,3", True),
        ("0-3,^2", "0-1,3", True),
        ("0-1", "0-2", False),
        ("", None, True),
        ("all", "0", False),
        ("0-99999999999", "0", False),
    ],
)
def test_a_set_of_processors_is_what_is_in_it(before, after, same):
    assert same_cpuset(before, after) is same
