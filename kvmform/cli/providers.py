"""`kvmform providers`, and those of its subcommands for which there is nothing to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from kvmform.cli import flags
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.session import open_view, reporting, surroundings

__all__ = ["lock", "mirror", "providers"]


def providers(
    *,
    no_color: flags.NoColor = False,
    test_directory: Annotated[str, Flag("-test-directory", hidden=True)] = "tests",
) -> None:
    """Show which providers each module needs, and which ones the objects in state belong to."""
    del test_directory
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        from kvmform.view.providers_text import providers_text
        from kvmform.workspace import Workspace

        with Workspace(surroundings(lock=False)) as workspace:
            module = workspace.load()
            recorded = [each.provider.split('"')[1] for each in workspace.state.objects() if '"' in each.provider]
        view.say(providers_text(module, recorded))


def lock(
    providers: Annotated[Sequence[str], Argument("[PROVIDER...]")] = (),
    *,
    platform: Annotated[Sequence[str], Flag("-platform", hidden=True)] = (),
    fs_mirror: Annotated[str, Flag("-fs-mirror", hidden=True)] = "",
    net_mirror: Annotated[str, Flag("-net-mirror", hidden=True)] = "",
    enable_plugin_cache: Annotated[bool, Flag("-enable-plugin-cache", hidden=True)] = False,
    no_color: flags.NoColor = False,
) -> None:
    """Nothing to do: kvmform installs no provider plug-ins, so it needs no locks of their versions."""
    del providers, platform, fs_mirror, net_mirror, enable_plugin_cache, no_color
    print("There is nothing to lock: kvmform installs no provider plug-ins. No .terraform.lock.hcl was touched.")


def mirror(
    directory: Annotated[str, Argument("DIRECTORY")] = "",
    *,
    platform: Annotated[Sequence[str], Flag("-platform", hidden=True)] = (),
    lock_file: Annotated[bool, Flag("-lock-file", hidden=True)] = True,
    no_color: flags.NoColor = False,
) -> None:
    """Nothing to do: kvmform installs no provider plug-ins, so there is nothing to mirror."""
    del directory, platform, lock_file, no_color
    print("There is nothing to mirror: kvmform installs no provider plug-ins.")
