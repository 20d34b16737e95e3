"""`kvmform import`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from kvmform.address import parse_instance
from kvmform.cli import flags
from kvmform.cli.command_line import wrong_usage
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.session import open_view, own_product, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from kvmform.view import View
    from kvmform.workspace import Surroundings

__all__ = ["import_"]

_DONE = """
Import successful!

The resources that were imported are shown above. These resources are now in
your {product} state and will henceforth be managed by {product}.
"""
_GENERATED = """{path} has import and resource blocks for {count}. Nothing is recorded yet.
Review the file, take out what you don't want to manage, and run "{program} plan": it should
show imports and no changes. "{program} apply" then records them."""


def import_(
    words: Annotated[
        Sequence[str],
        Argument(
            "ADDRESS ID",
            help="The instance that it becomes, and the object that is there, by name, UUID or path. With "
            "-generate-config-out: names, with * for any part of one; all objects if none is given.",
        ),
    ] = (),
    *,
    allow_missing_config: Annotated[
        bool, Flag("-allow-missing-config", help="Import though there is no resource block.")
    ] = False,
    generate_config_out: Annotated[
        Path | None,
        Flag(
            "-generate-config-out",
            help="Record nothing, but write import and resource blocks into this new file, for what the host has.",
        ),
    ] = None,
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
        is_recording = generate_config_out is None
        if is_recording and len(words) != 2:
            raise wrong_usage("import", "The import command expects two arguments: ADDRESS and ID.")
        around = surroundings(
            variables=variables,
            state=state if state is not None or config is None else Path.cwd() / "terraform.tfstate",
            state_out=state_out,
            backup=backup,
            lock=lock,
            lock_timeout=lock_timeout,
            ask=input_,
            may_be_empty=allow_missing_config or not is_recording,
            may_be_unfinished=True,
            directory=config,
        )
        alias = provider.partition(".")[2] or None
        if generate_config_out is None:
            _record(view, around, *words, alias=alias, may_be_undeclared=allow_missing_config)
        else:
            _generate(view, around, generate_config_out, words, alias)


def _record(
    view: View, around: Surroundings, address: str, meant: str, *, alias: str | None, may_be_undeclared: bool
) -> None:
    from kvmform.workspace import Workspace
    from kvmform.workspace.import_command import import_object

    instance = parse_instance(address)
    if instance.resource.mode != "managed":
        detail = f"{instance} is a data source, which is only read."
        raise DiagnosticError.of(
            "A managed resource address is required. Importing into a data resource is not allowed.", detail
        )
    with Workspace(around) as workspace:
        import_object(workspace, instance, meant, view.say, alias=alias, may_be_undeclared=may_be_undeclared)
        view.diagnostics(workspace.warnings)
    view.say(own_product().says(_DONE))


def _generate(view: View, around: Surroundings, path: Path, patterns: Sequence[str], alias: str | None) -> None:
    from kvmform.workspace import Workspace
    from kvmform.workspace.discovering import generate_all

    with Workspace(around) as workspace:
        generated = generate_all(workspace, path, patterns, alias)
        view.diagnostics(workspace.warnings)
    count = len(generated.blocks)
    if count:
        view.say(own_product().says(_GENERATED, path=str(path), count=f"{count} object{'s' if count > 1 else ''}"))
    else:
        view.say("The host has nothing of that kind that is not in the state. No file was written.")
