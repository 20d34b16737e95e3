"""What Terraform's CLI configuration says of registries: `host` and `credentials` blocks, and tokens.

Source: https://developer.hashicorp.com/terraform/cli/config/config-file. Everything else
in it is about plug-ins, which kvmform doesn't have, and is not looked at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import Block, Body
from kvmform.lang.evaluate import evaluate
from kvmform.lang.parse import parse_config
from kvmform.lang.scope import Scope
from kvmform.values.plain import to_plain

__all__ = ["CliConfiguration"]


class CliConfiguration:
    """Read when a registry is first asked, from the files and variables that Terraform knows."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def service(self, host: str, name: str) -> str | None:
        """The address of a host's service that a `host` block gives, instead of what the host says itself."""
        services = self._block("host", host).get("services")
        found = services.get(name) if isinstance(services, dict) else None
        return found if isinstance(found, str) else None

    def token(self, host: str) -> str | None:
        """The token for a host: of `TF_TOKEN_…`, else of a `credentials` block, else of `terraform login`."""
        variable = host.replace("-", "__").replace(".", "_")
        given = self._environment.get(f"TF_TOKEN_{variable}") or self._environment.get(
            f"TF_TOKEN_{host.replace('.', '_')}"
        )
        found = given or self._block("credentials", host).get("token") or self._logged_in.get(host)
        return found if isinstance(found, str) else None

    def _block(self, kind: str, host: str) -> Mapping[str, Any]:
        for block in self._blocks:
            if block.type == kind and [label.value.lower() for label in block.labels] == [host]:
                return _arguments(block.body)
        return {}

    @cached_property
    def _home(self) -> Path:
        return Path(self._environment.get("HOME") or Path.home())

    @cached_property
    def _blocks(self) -> list[Block]:
        given = self._environment.get("TF_CLI_CONFIG_FILE")
        path = Path(given) if given else self._home / ".terraformrc"
        with suppress(OSError, UnicodeDecodeError):
            # Terraform reads it by other rules than a configuration: what is strange to these is passed over.
            return parse_config(path.read_text(encoding="utf-8"), str(path))[0].blocks
        return []

    @cached_property
    def _logged_in(self) -> Mapping[str, str]:
        path = self._home / ".terraform.d" / "credentials.tfrc.json"
        with suppress(OSError, ValueError, AttributeError):
            entries = json.loads(path.read_text(encoding="utf-8")).get("credentials", {})
            return {host: entry["token"] for host, entry in entries.items() if "token" in entry}
        return {}


def _arguments(body: Body) -> dict[str, Any]:
    found = {}
    for name, attribute in body.attributes.items():
        with suppress(DiagnosticError):
            found[name] = to_plain(evaluate(attribute.expression, Scope.empty()))[0]
    return found
