"""`kvmform init`."""

from __future__ import annotations

from typing import Annotated

import typer

from kvmform.cli import flags
from kvmform.cli.session import open_view, reporting, surroundings

__all__ = ["init"]


def init(
    *,
    upgrade: Annotated[bool, typer.Option("--upgrade/--no-upgrade", hidden=True)] = False,
    backend: Annotated[bool, typer.Option("--backend/--no-backend", hidden=True)] = True,
    get: Annotated[bool, typer.Option("--get/--no-get", hidden=True)] = True,
    reconfigure: Annotated[bool, typer.Option("--reconfigure", hidden=True)] = False,
    backend_config: Annotated[list[str], typer.Option("--backend-config", hidden=True)] = [],
    input_: flags.Input = True,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    no_color: flags.NoColor = False,
) -> None:
    """Check the configuration. There is nothing to install: no plugins, no registry.

    Flags of Terraform's init that are about plugins and backends are accepted and do nothing.
    """
    del upgrade, backend, get, reconfigure, backend_config, input_, lock, lock_timeout
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        from kvmform.workspace import Workspace

        with Workspace(surroundings()) as workspace:
            modules = sum(1 for _ in workspace.root.walk())
            workspace.data_directory.mkdir(parents=True, exist_ok=True)
            view.diagnostics(workspace.warnings)
    typer.echo(f"kvmform has been successfully initialized! ({modules} module{'s' if modules != 1 else ''})")
