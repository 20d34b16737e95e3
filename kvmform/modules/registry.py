"""Module registries: which versions a module has, and where the package of one is.

Source: https://developer.hashicorp.com/terraform/internals/module-registry-protocol and
https://developer.hashicorp.com/terraform/internals/remote-service-discovery
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urljoin

from kvmform.diagnostics import DiagnosticError
from kvmform.modules.call import Call
from kvmform.modules.cli_configuration import CliConfiguration
from kvmform.modules.fetch_error import FetchError, UnreachableError
from kvmform.modules.shorthand import UnreadableError
from kvmform.modules.source import RegistrySource, RemoteSource, parse_remote
from kvmform.modules.version import Version, parse_version
from kvmform.modules.web import Answer, NotThereError, Web, absolute_location

__all__ = ["Registries"]

_SERVICE = "modules.v1"


class Registries:
    """Asks registries; what one said is remembered for the run."""

    def __init__(self, web: Web, configuration: CliConfiguration) -> None:
        self._web = web
        self._configuration = configuration
        self._services: dict[str, str] = {}
        self._versions: dict[str, list[Version]] = {}

    def version(self, call: Call, source: RegistrySource) -> Version:
        """The newest version of a module that its call allows.

        Raises:
            DiagnosticError: there is none, or the registry can't be asked.
        """
        versions = self._all_versions(call, source)
        released = [version for version in versions if not version.prerelease]
        matching = [version for version in versions if call.constraints.selects(version)]
        if matching:
            return max(matching)
        if not versions:
            detail = f'Module "{source.package}" ({_place(call)}) has no versions available on {source.host}.'
            raise DiagnosticError.of("Module has no versions", detail, call.source_range)
        newest = max(released or versions)
        detail = (
            f'There is no available version of module "{source.package}" ({_place(call)}) which matches the given '
            f"version constraint {call.constraints}. The newest available version is {newest}."
        )
        raise DiagnosticError.of("Unresolvable module version constraint", detail, call.range)

    def location(self, call: Call, source: RegistrySource, version: Version) -> RemoteSource:
        """Where the package of a version is.

        Raises:
            DiagnosticError: the registry can't be asked, or doesn't say.
        """
        try:
            url = urljoin(self._service(source.host), f"{_path(source)}/{version}/download")
            return parse_remote(_location(self._web.get(url, self._headers(source.host)), url))
        except UnreadableError as problem:
            bad = FetchError(f"it is no address ({problem})")
            raise _unavailable(call, source, bad, f"the download URL of {version}") from problem
        except FetchError as problem:
            raise _unavailable(call, source, problem, f"the download URL of {version}") from problem

    def _all_versions(self, call: Call, source: RegistrySource) -> list[Version]:
        if source.package not in self._versions:
            try:
                self._versions[source.package] = self._ask_versions(source)
            except NotThereError as problem:
                detail = (
                    f'Module "{call.name}" (from {_place(call)}) cannot be found in the module registry at '
                    f"{source.host} ({problem}). Check its source, {source.package}, for typing errors."
                )
                raise DiagnosticError.of("Module not found", detail, call.source_range) from problem
            except FetchError as problem:
                raise _unavailable(call, source, problem, "available versions") from problem
        return self._versions[source.package]

    def _ask_versions(self, source: RegistrySource) -> list[Version]:
        url = urljoin(self._service(source.host), f"{_path(source)}/versions")
        _, document = self._web.json(url, self._headers(source.host))
        try:
            texts = [str(entry["version"]) for entry in document["modules"][0]["versions"]]
        except (LookupError, TypeError) as problem:
            raise FetchError(f"GET {url}: the answer is not a list of versions") from problem
        return [version for text in texts if (version := parse_version(text)) is not None]

    def _service(self, host: str) -> str:
        """The address below which a host answers for its modules."""
        if host not in self._services:
            self._services[host] = self._configuration.service(host, _SERVICE) or self._discover(host)
        return self._services[host]

    def _discover(self, host: str) -> str:
        url = f"https://{host}/.well-known/terraform.json"
        try:
            at, document = self._web.json(url, self._headers(host))
        except NotThereError as problem:
            # It is found, but not a registry: that is not the module's fault.
            raise FetchError(str(problem)) from problem
        service = document.get(_SERVICE) if isinstance(document, dict) else None
        if not isinstance(service, str):
            raise FetchError(f"{host} is no module registry: {url} names no service {_SERVICE}")
        return urljoin(at, service if service.endswith("/") else f"{service}/")

    def _headers(self, host: str) -> Mapping[str, str]:
        token = self._configuration.token(host)
        return {"Authorization": f"Bearer {token}"} if token else {}


def _path(source: RegistrySource) -> str:
    return f"{source.namespace}/{source.name}/{source.provider}"


def _location(answer: Answer, url: str) -> str:
    """The location in an answer's header, or in its body, where newer registries have it."""
    found = answer.headers.get("X-Terraform-Get")
    if not found:
        with suppress(ValueError, AttributeError):
            found = json.loads(answer.body).get("location")
    if not isinstance(found, str) or not found:
        raise FetchError(f"GET {url}: the answer has no X-Terraform-Get header")
    return absolute_location(found, url)


def _place(call: Call) -> str:
    return f"{call.range.filename}:{call.range.first.line}"


def _unavailable(call: Call, source: RegistrySource, problem: FetchError, wanted: str) -> DiagnosticError:
    detail = (
        f'Failed to retrieve {wanted} for module "{call.name}" ({_place(call)}), {source.package}, from {source.host}: '
        f"{problem}{problem.way_out(call.name)}"
    )
    if isinstance(problem, UnreachableError) and call.constraints.parts:
        detail += " A local module has no version: take that argument out."
    return DiagnosticError.of("Error accessing remote module registry", detail, call.source_range)
