"""`kvmform init`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from kvmform.cli import flags
from kvmform.cli.flags import Flag
from kvmform.cli.prompts import Approval, at_terminal
from kvmform.cli.session import is_automation, open_view, own_product, reporting, surroundings
from kvmform.diagnostics import warning

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
    backend: Annotated[bool, Flag("-backend", help="Note where the state is.")] = True,
    cloud: Annotated[bool, Flag("-cloud", hidden=True)] = True,
    reconfigure: Annotated[
        bool, Flag("-reconfigure", help="Where the state is a new place: begin with what is there.")
    ] = False,
    migrate_state: Annotated[
        bool, Flag("-migrate-state", help="Where the state is a new place: copy it there; this is the usual.")
    ] = False,
    force_copy: Annotated[bool, Flag("-force-copy", help="The same, without asking.")] = False,
    backend_config: Annotated[
        Sequence[str], Flag("-backend-config", help="An argument of the backend, 'name=value', or a file of them.")
    ] = (),
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
    """Install the modules that the configuration calls, note where the state is, and check it all.

    A lab whose modules are local and whose state is in a file needs no init. Flags of Terraform's init that are about
    plug-ins are accepted and do nothing.
    """
    del cloud, get_plugins, verify_plugins, ignore_remote_version, test_directory, migrate_state, var
    without_meaning = {"-lockfile": lockfile, "-plugin-dir": plugin_dir}
    view = open_view(json=json, no_color=no_color)
    with reporting(view):
        from kvmform.workspace import Workspace

        around = surroundings(lock=lock, lock_timeout=lock_timeout, ask=input_ and at_terminal())
        with Workspace(around) as workspace:
            if from_module:
                view.say(f'Copying configuration from "{from_module}"...', "copying_configuration_message")
                workspace.copy_module(from_module)
            _without_meaning([flag for flag, value in without_meaning.items() if value], view)
            if not workspace.has_configuration:
                view.say(own_product().says(_EMPTY), "output_init_empty_message")
                return
            if backend:
                approval = Approval(force_copy, can_ask=input_ and not json)
                _settle_place(workspace, view, backend_config, approval, reconfigure=reconfigure)
            _initialize(workspace, view, get=get, upgrade=upgrade)


def _settle_place(
    workspace: Workspace, view: View, backend_config: Sequence[str], approval: Approval, *, reconfigure: bool
) -> None:
    """See to it that the state is where the configuration says; of a file that is the usual one nothing is said."""
    from kvmform.cli.backend_config import backend_arguments
    from kvmform.workspace.state_moving import settle_place

    given = backend_arguments(backend_config) if backend_config else None
    if given and workspace.backend_block is None:
        detail = "There is no backend block that the arguments of -backend-config could be of; they are passed over."
        view.diagnostics([warning("Missing backend configuration", detail)])
    instead = "init -force-copy to copy it, or -reconfigure to begin with what is there"
    place = settle_place(
        workspace,
        given,
        reconfigure=reconfigure,
        agree=lambda question, detail: approval.of(view, question, detail, instead=instead),
    )
    if place.backend != "local":
        told = f'Successfully configured the backend "{place.backend}"!'
        view.say(told, "initializing_backend_message")


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
