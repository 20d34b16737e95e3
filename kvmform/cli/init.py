"""`kvmform init`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from kvmform.cli import flags
from kvmform.cli.flags import Flag
from kvmform.cli.prompts import at_terminal
from kvmform.cli.session import is_automation, open_view, own_product, reporting, surroundings

if TYPE_CHECKING:
    from kvmform.view import View
    from kvmform.workspace import Workspace

__all__ = ["init"]

_NEXT = """
You may now begin working with {product}. Try running "{program} plan" to see
any changes that are required for your lab.

If you ever set or change modules, rerun this command to install them. If you
forget, other commands will detect it and remind you to do so if necessary."""
_EMPTY = """{product} initialized in an empty directory!

The directory has no configuration files. You may begin working with {product}
immediately by creating some."""


def init(
    *,
    upgrade: Annotated[bool, Flag("-upgrade", help="Fetch modules again, in the newest version allowed.")] = False,
    get: Annotated[bool, Flag("-get", help="Install modules.")] = True,
    from_module: Annotated[
        str, Flag("-from-module", help="Begin with a copy of this module, in an empty directory.")
    ] = "",
    backend: Annotated[bool, Flag("-backend", hidden=True)] = True,
    cloud: Annotated[bool, Flag("-cloud", hidden=True)] = True,
    reconfigure: Annotated[bool, Flag("-reconfigure", hidden=True)] = False,
    migrate_state: Annotated[bool, Flag("-migrate-state", hidden=True)] = False,
    force_copy: Annotated[bool, Flag("-force-copy", hidden=True)] = False,
    backend_config: Annotated[Sequence[str], Flag("-backend-config", hidden=True)] = (),
    lockfile: Annotated[str, Flag("-lockfile", hidden=True)] = "",
    plugin_dir: Annotated[Sequence[str], Flag("-plugin-dir", hidden=True)] = (),
    get_plugins: Annotated[bool, Flag("-get-plugins", hidden=True)] = True,
    verify_plugins: Annotated[bool, Flag("-verify-plugins", hidden=True)] = True,
    ignore_remote_version: Annotated[bool, Flag("-ignore-remote-version", hidden=True)] = False,
    test_directory: Annotated[str, Flag("-test-directory", hidden=True)] = "tests",
    input_: flags.Input = True,
    json: flags.Json = False,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    no_color: flags.NoColor = False,
    var: flags.Variables = (),
) -> None:
    """Install the modules that the configuration calls, and check it. Local modules need no init.

    Flags of Terraform's init that are about plug-ins and backends are accepted and do nothing.
    """
    del backend, cloud, get_plugins, verify_plugins, ignore_remote_version, test_directory, lock, lock_timeout
    del var
    given = {
        "-backend-config": backend_config,
        "-reconfigure": reconfigure,
        "-migrate-state": migrate_state,
        "-force-copy": force_copy,
        "-lockfile": lockfile,
        "-plugin-dir": plugin_dir,
    }
    view = open_view(json=json, no_color=no_color)
    with reporting(view):
        from kvmform.workspace import Workspace

        with Workspace(surroundings(ask=input_ and at_terminal())) as workspace:
            if from_module:
                view.say(f'Copying configuration from "{from_module}"...', "copying_configuration_message")
                workspace.copy_module(from_module)
            _without_meaning([flag for flag, value in given.items() if value], view)
            if not workspace.has_configuration:
                view.say(own_product().says(_EMPTY), "output_init_empty_message")
                return
            _initialize(workspace, view, get=get, upgrade=upgrade)


def _initialize(workspace: Workspace, view: View, *, get: bool, upgrade: bool) -> None:
    if get:
        title = "Upgrading modules..." if upgrade else "Initializing modules..."
        code = "upgrading_modules_message" if upgrade else "initializing_modules_message"
        titled = False

        def tell(event: object) -> None:
            nonlocal titled
            if not titled:
                view.say(title, code)
                titled = True
            view.say(str(event))

        module = workspace.install_modules(tell, upgrade=upgrade)
        if module.calls and not titled:
            view.say(title, code)
    _ = workspace.root
    view.diagnostics(workspace.warnings)
    view.say(own_product().says("{product} has been successfully initialized!"), "output_init_success_message")
    if not is_automation():
        view.say(own_product().says(_NEXT), "output_init_success_cli_message")


def _without_meaning(flags_given: list[str], view: View) -> None:
    if flags_given:
        view.say(f"{', '.join(flags_given)}: accepted, without effect here. kvmform has no plug-ins to install.")
