"""`provider` blocks: which providers there are, and their arguments."""

from __future__ import annotations

from kvmform.schema import Row, Schema
from kvmform.values.types import STRING

__all__ = ["PROVIDER_SCHEMAS"]

PROVIDER_SCHEMAS = {
    "libvirt": Schema(
        rows={
            "uri": Row(
                type=STRING,
                doc="libvirt's URI of the host: qemu:///system, qemu+ssh://HOST/system, or test+file:NAME.xml for a "
                "simulated host. By default that of the environment variable LIBVIRT_DEFAULT_URI, else qemu:///system.",
            ),
            "domain_type": Row(
                type=STRING,
                doc="`type` of domains that don't give one: kvm or qemu. By default that of the environment variable "
                "KVMFORM_DOMAIN_TYPE, else kvm.",
            ),
        },
        doc="One libvirt host.",
    ),
    "archive": Schema(rows={}, doc="Archives of files."),
    "cloudinit": Schema(rows={}, doc="User data for cloud-init."),
    "external": Schema(rows={}, doc="Programs that tell something."),
    "http": Schema(rows={}, doc="What a web server answers."),
    "local": Schema(rows={}, doc="Files on the machine where kvmform runs."),
    "null": Schema(rows={}, doc="Resources that do nothing."),
    "random": Schema(rows={}, doc="Random values that stay the same."),
    "template": Schema(rows={}, doc="Texts rendered from templates."),
    "terraform": Schema(rows={}, doc="What is built into Terraform."),
    "time": Schema(rows={}, doc="Points in time, and pauses."),
    "tls": Schema(rows={}, doc="Keys and certificates."),
}
"""Schemas of provider blocks, by provider name. The block is never needed but for libvirt's."""
