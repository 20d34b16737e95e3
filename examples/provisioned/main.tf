# A guest that is set up by ssh once it is there: with a key of its own, a site that can change without it, and a last
# word before it goes. Any cloud image with cloud-init and an ssh server will do.

terraform {
  required_providers {
    libvirt = {
      source = "dmacvicar/libvirt"
    }
    tls = {
      source = "hashicorp/tls"
    }
  }
}

variable "base_image" {
  description = "Disk image that the guest boots (qcow2): a path, or an http(s) URL."
  type        = string
}

provider "libvirt" {} # the host that LIBVIRT_DEFAULT_URI names, else qemu:///system

resource "libvirt_pool" "lab" {
  name = "kvmform-provisioned"
  type = "dir"

  target {
    path = "/var/lib/libvirt/images/kvmform-provisioned"
  }
}

resource "libvirt_network" "lab" {
  name      = "kvmform-provisioned"
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
  algorithm = "ED25519"
}

resource "libvirt_cloudinit_disk" "seed" {
  name = "seed.iso"
  pool = libvirt_pool.lab.name

  user_data = <<-EOT
    #cloud-config
    hostname: web
    users:
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
    wait_for_lease = true # so that its address is known to the connection
  }

  connection {
    host        = self.network_interface[0].addresses[0]
    user        = "lab"
    private_key = tls_private_key.lab.private_key_openssh
  }

  # Once, as a part of making the guest: what depends on the guest waits for it.
  provisioner "remote-exec" {
    inline = ["mkdir -p ~/site", "echo \"set up $(hostname) as $(id -un)\""]
  }
}

# Again whenever the site changes; the guest stays as it is.
resource "terraform_data" "site" {
  triggers_replace = [
    libvirt_domain.web.id,
    [for name in fileset("${path.module}/site", "**") : filesha256("${path.module}/site/${name}")],
  ]

  connection {
    host        = libvirt_domain.web.network_interface[0].addresses[0]
    user        = "lab"
    private_key = tls_private_key.lab.private_key_openssh
  }

  provisioner "file" {
    source      = "${path.module}/site/"
    destination = "site"
  }

  provisioner "remote-exec" {
    inline = ["cat site/index.html"]
  }
}

# Before the guest goes. By then only `self` may be asked, so what is needed is kept in it.
resource "null_resource" "goodbye" {
  triggers = {
    host = libvirt_domain.web.network_interface[0].addresses[0]
    key  = tls_private_key.lab.private_key_openssh
  }

  connection {
    host        = self.triggers.host
    user        = "lab"
    private_key = self.triggers.key
    timeout     = "20s"
  }

  provisioner "remote-exec" {
    when       = destroy
    on_failure = continue # a guest that is off shall not keep the lab from going
    inline     = ["echo \"goodbye from $(hostname)\""]
  }
}
