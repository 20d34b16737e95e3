"""Read a data source for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kvmform.schema import DataSource, Object, Reading

if TYPE_CHECKING:
    from kvmform.workspace.providers import Providers
    from kvmform.workspace.workspace import Workspace

__all__ = ["read_data"]


def read_data(
    workspace: Workspace,
    providers: Providers,
    provider: str,
    source: DataSource[Any],
    config: Object,
) -> Object:
    """The whole object that a data source's arguments mean.

    Raises:
        DiagnosticError: what it looks for is not there.
    """
    host = providers.host(provider) if source.needs_host else workspace.directory
    return source.read(Reading(host, workspace.directory, providers.settings(provider)), config)
