"""Provisioners in a real guest: a lab as people have it, with its ssh server's own ways (dropbear, without sftp)."""

import signal
import time

import pytest
from guest import wait_for_guest
from guest_lab import GuestLab
from inventory import EMPTY
from sshd import make_key
from waiting import wait_until

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

LAB = """
variable "base_image" {}

provider "libvirt" {}

resource "libvirt_pool" "lab" {
  name = "lab"
  type = "dir"

  target {
    path = "/var/lib/libvirt/images/lab"
  }
}

resource "libvirt_network" "lab" {
  name      = "lab"
  addresses = ["10.17.8.0/24"]
  stp       = false
}

resource "libvirt_volume" "disk" {
  name   = "disk.qcow2"
  pool   = libvirt_pool.lab.name
  source = var.base_image
  format = "qcow2"
}

resource "tls_private_key" "lab" {
  algorithm = "RSA"
}

resource "libvirt_cloudinit_disk" "seed" {
  name = "seed.iso"
  pool = libvirt_pool.lab.name

  user_data = <<-EOT
    #cloud-config
    hostname: web
    password: "let me in"
    ssh_authorized_keys:
      - ${file("${path.module}/id.pub")}
    users:
      - default
      - name: lab
        shell: /bin/sh
        ssh_authorized_keys:
          - ${trimspace(tls_private_key.lab.public_key_openssh)}
  EOT
}

resource "libvirt_domain" "web" {
  name      = "web"
  memory    = 192
  cloudinit = libvirt_cloudinit_disk.seed.id

  disk {
    volume_id = libvirt_volume.disk.id
  }

  network_interface {
    network_id     = libvirt_network.lab.id
    wait_for_lease = true
  }

  connection {
    type        = "ssh"
    user        = "root"
    host        = self.network_interface[0].addresses[0]
    private_key = file("${path.module}/id")
    timeout     = "2m"
  }

  provisioner "file" {
    source      = "${path.module}/conf"
    destination = "/data"
  }

  provisioner "remote-exec" {
    inline = [
      "echo \\"set up $(hostname) as $(id -un)\\"",
      "echo made > /data/mark",
      "cat /data/conf/motd /data/conf/below/a > /www/conf.html",
    ]
  }

  provisioner "remote-exec" {
    when   = destroy
    inline = ["echo \\"goodbye from $(hostname)\\""]
  }
}
"""
OTHERS = """
resource "null_resource" "user" {
  connection {
    host        = libvirt_domain.web.network_interface.0.addresses.0
    user        = "lab"
    private_key = tls_private_key.lab.private_key_pem
  }

  provisioner "remote-exec" {
    script = "${path.module}/who.sh"
  }
}

resource "null_resource" "password" {
  provisioner "file" {
    content     = "by password\\n"
    destination = "/www/password.html"

    connection {
      host     = libvirt_domain.web.network_interface[0].addresses[0]
      password = "let me in"
      agent    = false
    }
  }
}

resource "null_resource" "bastion" {
  connection {
    host             = "127.0.0.1"
    private_key      = file("${path.module}/id")
    bastion_host     = libvirt_domain.web.network_interface[0].addresses[0]
    bastion_user     = "lab"
    bastion_private_key = tls_private_key.lab.private_key_pem
  }

  provisioner "remote-exec" {
    inline = ["echo through the bastion to $(hostname)"]
  }
}
"""
LONG = """
resource "null_resource" "long" {
  connection {
    host        = libvirt_domain.web.network_interface[0].addresses[0]
    private_key = file("${path.module}/id")
  }

  provisioner "remote-exec" {
    inline = ["echo begun > /data/mark", "sleep 300"]
  }
}
"""


@pytest.fixture(scope="module")
def lab(host, environment, tmp_path_factory):
    directory = tmp_path_factory.mktemp("provisioned")
    make_key(directory / "id")
    (directory / "conf" / "below").mkdir(parents=True)
    (directory / "conf" / "motd").write_text("hello\n")
    (directory / "conf" / "below" / "a").write_text("nested\n")
    (directory / "who.sh").write_text("#!/bin/sh\necho I am $(id -un) in $HOME\n")
    lab = GuestLab.of_text(LAB, directory, environment, host)
    lab.before = host.in_network()
    lab.said = lab.apply()
    return lab


def page(lab, name):
    """A page that the guest serves."""
    address = lab.address_of("web")
    return lab.in_host("busybox", "wget", "-qO-", f"http://{address}/{name}").splitlines()


def test_a_lab_is_provisioned_before_it_counts_as_up(lab):
    assert "libvirt_domain.web (remote-exec): Connected!" in lab.said
    assert "libvirt_domain.web (remote-exec): set up web as root" in lab.said
    assert lab.report("web").mark == "made"
    assert page(lab, "conf.html") == ["hello", "nested"]
    assert lab.plan_is_empty()


def test_other_resources_provision_the_guest_by_user_password_and_bastion(lab):
    lab.add(OTHERS, "others.tf")
    said = lab.apply()
    assert "null_resource.user (remote-exec): I am lab in /home/lab" in said
    assert "null_resource.bastion (remote-exec): through the bastion to web" in said
    assert page(lab, "password.html") == ["by password"]
    assert lab.plan_is_empty()
    lab.remove("others.tf")
    lab.apply()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stopped_or_killed_while_a_script_runs_the_next_apply_replaces(lab, number):
    lab.mark("web", "before")
    lab.add(LONG, "long.tf")
    with lab.begin("apply", "-auto-approve") as apply:
        address = lab.address_of("web")
        is_begun = wait_until(lambda: wait_for_guest(lab.host, address).mark == "begun", 60)
        assert is_begun, apply.communicate(timeout=60)
        begun = time.monotonic()
        apply.send_signal(number)
        output, errors = apply.communicate(timeout=60)
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


def test_what_a_guest_refuses_is_told_with_evidence(lab):
    text = OTHERS.partition('resource "null_resource" "password"')[0]
    text = text.replace("tls_private_key.lab.private_key_pem", 'file("${path.module}/id")')
    lab.add(text.replace("private_key ", 'timeout = "1s"\n    private_key '), "others.tf")
    said = lab.apply(code=1)
    assert "Error: Timeout while waiting for SSH" in said
    assert 'refused "lab": it takes' in said
    assert "and was given the private key" in said
    lab.remove("others.tf")
    lab.apply()
    assert lab.plan_is_empty()


def test_the_guest_says_goodbye_before_it_goes(lab):
    said = lab.destroy()
    assert said.index("(remote-exec): goodbye from web") < said.index("libvirt_domain.web: Destruction complete")
    assert lab.inventory() == EMPTY
