"""A state file as Terraform wrote it beside provider 0.8, with the directory around it."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kvmform.address import InstanceAddress, parse_instance

__all__ = ["LIBVIRT", "StateFile"]

LIBVIRT = 'provider["registry.terraform.io/dmacvicar/libvirt"]'
_TIMEOUT = base64.b64encode(b'{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":300000000000}}').decode()
_LOCK = """\
# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/dmacvicar/libvirt" {
  version     = "0.8.3"
  constraints = "0.8.3"
  hashes = [
    "h1:RZO+SfjJRsZKg2ITkFsRwSXTLOPYLPiXgmMnOCN1eTg=",
  ]
}
"""


class StateFile:
    """Objects that were made, by address, and the file that tells of them.

    Args:
        lineage: of the state.
        provider: what the objects belong to.
    """

    def __init__(self, lineage: str = "1b0bcd4e-7e51-2b3c-8ba1-6e8bf2d0a3c1", provider: str = LIBVIRT) -> None:
        self.lineage = lineage
        self.provider = provider
        self.outputs: dict[str, Any] = {}
        self._objects: list[tuple[InstanceAddress, dict[str, Any], Sequence[str]]] = []

    def add(self, address: str, attributes: dict[str, Any], *dependencies: str) -> dict[str, Any]:
        """Note an object; its attributes."""
        self._objects.append((parse_instance(address), attributes, sorted(dependencies)))
        return attributes

    def document(self, *, terraform_version: str = "1.5.7") -> dict[str, Any]:
        """The content of the file."""
        resources: dict[str, dict[str, Any]] = {}
        for address, attributes, dependencies in self._objects:
            resource = address.resource
            module = {"module": str(resource.module)} if str(resource.module) else {}
            about = {"mode": "managed", "type": resource.type, "name": resource.name, "provider": self.provider}
            found = resources.setdefault(str(resource), {**module, **about, "instances": []})
            key = {} if address.key is None else {"index_key": address.key}
            private = _TIMEOUT if "timeouts" in attributes else "bnVsbA=="
            instance = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": [], "private": private}
            used = {"dependencies": list(dependencies)} if dependencies else {}
            found["instances"].append({**key, **instance, **used})
        return {
            "version": 4,
            "terraform_version": terraform_version,
            "serial": 17,
            "lineage": self.lineage,
            "outputs": self.outputs,
            "resources": list(resources.values()),
            "check_results": None,
        }

    def write(self, directory: Path, **about: str) -> None:
        """Write it, and what Terraform keeps beside it."""
        text = json.dumps(self.document(**about), indent=2)
        (directory / "terraform.tfstate").write_text(text)
        (directory / "terraform.tfstate.backup").write_text(text.replace('"serial": 17', '"serial": 16'))
        (directory / ".terraform.lock.hcl").write_text(_LOCK)
        plugin = directory / ".terraform/providers/registry.terraform.io/dmacvicar/libvirt/0.8.3/linux_amd64"
        plugin.mkdir(parents=True)
        (plugin / "terraform-provider-libvirt_v0.8.3").write_bytes(b"\x7fELF")
