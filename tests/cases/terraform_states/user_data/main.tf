resource "template_file" "text" {
  template = "hello $${name}"
  vars     = { name = "é" }
}

resource "template_cloudinit_config" "parts" {
  gzip          = false
  base64_encode = false
  part {
    content = template_file.text.rendered
  }
  part {
    content      = "#cloud-config\n"
    content_type = "text/cloud-config"
    filename     = "x"
    merge_type   = "list(append)"
  }
}

resource "cloudinit_config" "parts" {
  part {
    content = "#!/bin/sh\n"
  }
  part {
    content      = "#cloud-config\n"
    content_type = "text/cloud-config"
    filename     = "x"
  }
}
