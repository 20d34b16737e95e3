"""`kvmform init`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from kvmform.cli import flags
from kvmform.cli.flags import Flag
from kvmform.cli.session import open_view, reporting, surroundings

__all__ = ["init"]


def init(
    *,
    upgrade: Annotated[bool, Flag("-upgrade", hidden=True)] = False,
    backend: Annotated[bool, Flag("-backend", hidden=True)] = True,
    get: Annotated[bool, Flag("-get", hidden=True)] = True,
    reconfigure: Annotated[bool, Flag("-reconfigure", hidden=True)] = False,
    backend_config: Annotated[Sequence[str], Flag("-backend-config", hidden=True)] = (),
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
    print(f"kvmform has been successfully initialized! ({modules} module{'s' if modules != 1 else ''})")
