"""`kvmform import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from kvmform.address import parse_instance
from kvmform.cli import flags
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.session import open_view, own_product, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

__all__ = ["import_"]

_DONE = """
Import successful!

The resources that were imported are shown above. These resources are now in
your {product} state and will henceforth be managed by {product}.
"""


def import_(
    address: Annotated[str, Argument("ADDRESS", help="The instance that it becomes: libvirt_domain.web.")],
    meant: Annotated[str, Argument("ID", help="The object that is there, by name, UUID or path.")],
    *,
    allow_missing_config: Annotated[
        bool, Flag("-allow-missing-config", help="Import though there is no resource block.")
    ] = False,
    config: Annotated[Path | None, Flag("-config", help="Where the configuration is, if not here.")] = None,
    provider: Annotated[
        str, Flag("-provider", help="Provider configuration of what has no resource block: libvirt.second.")
    ] = "",
    variables: flags.Variables = (),
    state: flags.StatePath = None,
    state_out: flags.StateOut = None,
    backup: flags.Backup = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    input_: flags.Input = True,
    parallelism: flags.Parallelism = 10,
    ignore_remote_version: flags.IgnoreRemoteVersion = False,
    no_color: flags.NoColor = False,
) -> None:
    """Record an object that is there already as a resource instance; an import block does it with a plan."""
    del parallelism, ignore_remote_version
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        from kvmform.workspace import Workspace
        from kvmform.workspace.import_command import import_object

        instance = parse_instance(address)
        if instance.resource.mode != "managed":
            detail = f"{instance} is a data source, which is only read."
            raise DiagnosticError.of(
                "A managed resource address is required. Importing into a data resource is not allowed.", detail
            )
        around = surroundings(
            variables=variables,
            state=state if state is not None or config is None else Path.cwd() / "terraform.tfstate",
            state_out=state_out,
            backup=backup,
            lock=lock,
            lock_timeout=lock_timeout,
            ask=input_,
            may_be_empty=allow_missing_config,
            may_be_unfinished=True,
            directory=config,
        )
        with Workspace(around) as workspace:
            import_object(
                workspace,
                instance,
                meant,
                view.say,
                alias=provider.partition(".")[2] or None,
                may_be_undeclared=allow_missing_config,
            )
            view.diagnostics(workspace.warnings)
        view.say(own_product().says(_DONE))
