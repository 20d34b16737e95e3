"""Provisioners in a real guest, whose ssh server has its own ways (dropbear, without sftp).

One lab for the whole file: the example, with a password for root, and whatever a test adds to it.
"""

import signal
import time

import pytest
from guest import wait_for_guest
from guest_lab import GuestLab
from inventory import EMPTY
from waiting import wait_until

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

ROOT = """
  connection {
    type     = "ssh"
    host     = libvirt_domain.web.network_interface.0.addresses.0
    password = "let me in"
    agent    = false
  }
"""
OTHERS = f"""
resource "null_resource" "password" {{
  {ROOT}

  provisioner "file" {{
    content     = "by password\\n"
    destination = "/www/password.html"
  }}

  provisioner "remote-exec" {{
    script = "${{path.module}}/who.sh"
  }}
}}

resource "null_resource" "bastion" {{
  connection {{
    host                = "127.0.0.1"
    password            = "let me in"
    bastion_host        = libvirt_domain.web.network_interface[0].addresses[0]
    bastion_user        = "lab"
    bastion_private_key = tls_private_key.lab.private_key_openssh
  }}

  provisioner "remote-exec" {{
    inline = ["echo through the bastion to $(hostname)"]
  }}
}}
"""
WAITS = """
  wait_for {
    type = "ssh"
  }

  wait_for {
    type = "tcp"
    port = 80
  }

  wait_for {
    type    = "http"
    path    = "/index.html"
    timeout = "1m"
  }
"""
LONG = f"""
resource "null_resource" "long" {{
  {ROOT}

  provisioner "remote-exec" {{
    inline = ["echo begun > /data/mark", "sleep 300"]
  }}
}}
"""


@pytest.fixture(scope="module")
def lab(host, environment, tmp_path_factory):
    lab = GuestLab.of_example("provisioned", tmp_path_factory.mktemp("provisioned"), environment, host)
    lab.edit("#cloud-config\n", '#cloud-config\n    password: "let me in"\n')
    lab.edit("  # Once, as a part", f"{WAITS}\n  # Once, as a part")
    (lab.directory / "who.sh").write_text("#!/bin/sh\necho I am $(id -un) in $HOME\n")
    lab.before = host.in_network()
    return lab


@pytest.fixture(scope="module")
def said(lab):
    """What the first apply said."""
    return lab.apply()


def page(lab, name):
    """A page that the guest serves."""
    return lab.in_host("busybox", "wget", "-qO-", f"http://{lab.address_of('web')}/{name}").splitlines()


@pytest.mark.changes(*(f"libvirt_domain.wait_for.{name}" for name in ("port", "path")))
def test_a_guest_is_up_when_its_servers_answer(lab, said):
    assert "libvirt_domain.web: Creation complete" in said
    (web,) = [each for each in lab.state()["resources"] if each["type"] == "libvirt_domain"]
    assert web["instances"][0]["attributes"]["ready"] is True


def test_a_lab_is_provisioned_before_it_counts_as_up(lab, said):
    up = said.index("libvirt_domain.web: Creation complete")
    assert said.index("libvirt_domain.web (remote-exec): Connected!") < up
    assert said.index("libvirt_domain.web (remote-exec): set up web as lab") < up
    assert said.index("terraform_data.site (remote-exec): <h1>Hello</h1>") > up
    assert lab.report("web").boots == 1
    assert lab.plan_is_empty()


def test_what_is_triggered_is_provisioned_again_in_the_same_guest(lab, said):
    del said
    before = lab.report("web").boot_id
    lab.edit("Hello", "Hello again", "site/index.html")
    assert "Plan: 1 to add, 0 to change, 1 to destroy.\nDisruption: none." in lab.plan()
    assert "terraform_data.site (remote-exec): <h1>Hello again</h1>" in lab.apply("-max-disruption=none")
    assert lab.report("web").boot_id == before
    assert lab.plan_is_empty()


def test_others_get_in_by_password_and_through_a_bastion(lab, said):
    del said
    lab.add(OTHERS, "others.tf")
    text = lab.apply()
    assert "null_resource.password (remote-exec): I am root in /root" in text
    assert "null_resource.bastion (remote-exec): through the bastion to web" in text
    assert page(lab, "password.html") == ["by password"]
    assert lab.plan_is_empty()
    lab.remove("others.tf")
    lab.apply()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stopped_or_killed_while_a_script_runs_the_next_apply_replaces(lab, said, number):
    del said
    lab.mark("web", "before")
    lab.add(LONG, "long.tf")
    address = lab.address_of("web")
    with lab.begin("apply", "-auto-approve") as apply:
        is_begun = wait_until(lambda: wait_for_guest(lab.host, address).mark == "begun", 60)
        begun = time.monotonic()
        apply.send_signal(number)
        output, errors = apply.communicate(timeout=60)
        assert is_begun, output + errors
        assert time.monotonic() - begun < 30
    if number == signal.SIGINT:
        assert apply.returncode == 1, output + errors
        assert "Provisioner stopped" in errors
    lab.edit('"sleep 300"', '"echo done"', "long.tf")
    assert "# null_resource.long is tainted, so must be replaced" in lab.plan()
    assert "null_resource.long (remote-exec): done" in lab.apply()
    assert lab.plan_is_empty()
    lab.remove("long.tf")
    lab.apply()


def test_what_a_guest_refuses_is_told_with_evidence(lab, said):
    del said
    lab.add(LONG.replace("let me in", "wrong").replace("type ", 'timeout  = "1s"\n    type '), "long.tf")
    text = lab.apply(code=1)
    assert "Error: Timeout while waiting for SSH" in text
    assert 'refused "root": it takes password, publickey, and was given the password' in text
    lab.remove("long.tf")
    lab.apply()
    assert lab.plan_is_empty()


def test_the_guest_says_goodbye_before_it_goes(lab, said):
    del said
    text = lab.destroy()
    goodbye = text.index("null_resource.goodbye (remote-exec): goodbye from web")
    assert goodbye < text.index("libvirt_domain.web: Destroying...")
    assert lab.inventory() == EMPTY
