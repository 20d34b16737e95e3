"""doctor on a real host: each defect that is made there is found, and gone once its fix was carried out."""

import json
import subprocess
import sys
from contextlib import closing

import pytest

from kvmform.host.kvm import kvm_obstacle

pytestmark = pytest.mark.libvirt

POOL = "<pool type='dir'><name>default</name><target><path>/var/lib/libvirt/images</path></target></pool>"
MACHINE = {"kvm", "programs", "firmware"}  # what is or isn't on the machine that the tests run on
NETWORK = "<network><name>default</name><ip address='10.17.91.1' prefix='24'/></network>"


@pytest.fixture
def doctor(lab_host, tmp_path):
    """Findings of `kvmform doctor -json`, by check and summary, without those that are good; and its exit code."""

    def run():
        ran = subprocess.run(
            [sys.executable, "-m", "kvmform", "doctor", "-json", lab_host.uri],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        (host,) = json.loads(ran.stdout)["hosts"]
        bad = [each for each in host["findings"] if each["verdict"] != "good"]
        return {each["summary"]: each for each in bad if each["check"] not in MACHINE}, ran.returncode

    return run


def virsh(lab_host, *fixes):
    """Carry out the fixes that doctor named."""
    with closing(lab_host.connect()) as connection:
        for fix in fixes:
            for _, verb, name in (words.split() for words in fix.split("; ")):
                kind = "networkLookupByName" if verb.startswith("net-") else "storagePoolLookupByName"
                found = getattr(connection, kind)(name)
                found.setAutostart(1) if verb.endswith("autostart") else found.create()


def test_defects_are_found_and_their_fixes_mend_them(lab_host, doctor):
    told, code = doctor()
    assert code == 0
    assert {'there is no storage pool "default"', 'there is no network "default"'} <= told.keys()
    with closing(lab_host.connect()) as connection:
        pool, network = connection.storagePoolDefineXML(POOL), connection.networkDefineXML(NETWORK)
        try:
            told, code = doctor()
            assert code == 1
            dead = [told[f'the {what} "default" is not active'] for what in ("storage pool", "network")]
            assert {each["verdict"] for each in dead} == {"error"}
            virsh(lab_host, *(fix for each in dead for fix in each["fix"]))
            told, code = doctor()
            assert code == 0
            asleep = [
                told[f'the {what} "default" is not started with the host'] for what in ("storage pool", "network")
            ]
            virsh(lab_host, *(fix for each in asleep for fix in each["fix"]))
            assert doctor() == ({}, 0)
        finally:
            for each in (pool, network):
                if each.isActive():
                    each.destroy()
                each.undefine()


def test_the_processor_tells_what_a_real_guest_would(domain_type):
    """The probe boots a guest; doctor lets a processor carry out two instructions."""
    assert (kvm_obstacle() is None) == (domain_type == "kvm")
