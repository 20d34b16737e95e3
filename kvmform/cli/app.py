"""The command line: which commands there are, and what happens to errors nobody expected."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import NoReturn

from kvmform import __version__
from kvmform.cli.command_line import HELP, from_environment, read, suggestion, wrong_usage
from kvmform.cli.environment import terraform_named
from kvmform.cli.exit import ERROR, OK
from kvmform.cli.streams import CANNOT_WRITE, prepare_streams, silence
from kvmform.diagnostics import Diagnostic, DiagnosticError, error
from kvmform.log import LOG

__all__ = ["ABSENT", "COMMANDS", "GROUPS", "command", "main"]

COMMANDS: Mapping[str, str] = {
    "init": "kvmform.cli.init:init",
    "get": "kvmform.cli.get:get",
    "validate": "kvmform.cli.validate:validate",
    "plan": "kvmform.cli.plan:plan",
    "apply": "kvmform.cli.apply:apply",
    "destroy": "kvmform.cli.apply:destroy",
    "refresh": "kvmform.cli.refresh:refresh",
    "import": "kvmform.cli.import_:import_",
    "show": "kvmform.cli.show:show",
    "output": "kvmform.cli.output:output",
    "console": "kvmform.cli.console:console",
    "graph": "kvmform.cli.graph:graph",
    "fmt": "kvmform.cli.fmt:fmt",
    "doctor": "kvmform.cli.doctor:doctor",
    "state list": "kvmform.cli.state:list_instances",
    "state show": "kvmform.cli.state:show_instance",
    "state mv": "kvmform.cli.state_mv:move",
    "state rm": "kvmform.cli.state_rm:remove",
    "state pull": "kvmform.cli.state_pull:pull",
    "state push": "kvmform.cli.state_push:push",
    "state replace-provider": "kvmform.cli.state_replace_provider:replace_provider",
    "taint": "kvmform.cli.taint:taint",
    "untaint": "kvmform.cli.taint:untaint",
    "force-unlock": "kvmform.cli.force_unlock:force_unlock",
    "workspace list": "kvmform.cli.workspaces:list_",
    "workspace show": "kvmform.cli.workspaces:show",
    "workspace new": "kvmform.cli.workspaces:create",
    "workspace select": "kvmform.cli.workspaces:select",
    "workspace delete": "kvmform.cli.workspaces:delete",
    "snapshot list": "kvmform.cli.snapshot:list_snapshots",
    "snapshot create": "kvmform.cli.snapshot:create",
    "snapshot revert": "kvmform.cli.snapshot:revert",
    "snapshot delete": "kvmform.cli.snapshot:delete",
    "providers": "kvmform.cli.providers:providers",
    "providers lock": "kvmform.cli.providers:lock",
    "providers mirror": "kvmform.cli.providers:mirror",
    "providers schema": "kvmform.cli.schemas:schema",
    "metadata functions": "kvmform.cli.metadata:functions",
    "version": "kvmform.cli.version:version",
}
"""Where the function of each command is. It is imported when the command runs, and nothing else is."""

GROUPS: Mapping[str, str] = {
    "state": "Look into the state, and change what is recorded.",
    "workspace": "Keep several states for one configuration.",
    "snapshot": "Take snapshots of domains, go back to them, delete them.",
    "providers": "Show which providers each module needs.",
    "metadata": "Tell programs what the language has.",
}
"""The first words of commands of two."""

ABSENT: Mapping[str, str] = {
    "test": "It runs no *.tftest.hcl files. What has to hold can stand in the configuration: as check blocks, as "
    "preconditions and postconditions; and `apply -verify` tells afterwards whether all is as it says.",
    "query": "`kvmform import -generate-config-out=FILE` writes down what a host has and the state has not: import and "
    "resource blocks, which a plan then takes up.",
    "modules": "`kvmform providers` shows the tree of modules; .terraform/modules/modules.json has those installed.",
    "login": "It keeps no tokens. It takes those for registries of modules from TF_TOKEN_host variables, from the "
    "file that TF_CLI_CONFIG_FILE names, and from what `terraform login` wrote.",
    "logout": "It keeps no tokens. Take the one of a registry out of where it is kept.",
    "stacks": "A configuration is one directory with the modules that it calls.",
}
"""Commands of Terraform's that kvmform has not, with what there is instead."""


_COLLECT_EVERY = 100_000
"""Of how many new objects Python looks for garbage in cycles. A command makes few cycles and keeps what it makes."""


def command(name: str) -> Callable[..., int | None]:
    """The function behind a command; it gives the exit code, None if all is well."""
    module, _, function = COMMANDS[name].partition(":")
    found: Callable[..., int | None] = getattr(import_module(module), function)
    return found


def main(words: list[str] | None = None) -> NoReturn:
    """Run one command and exit with its code.

    Wrong usage exits with 1, as Terraform does; 2 means "there are changes" to those who call
    plan -detailed-exitcode.
    """
    gc.set_threshold(_COLLECT_EVERY)
    prepare_streams()
    words = sys.argv[1:] if words is None else words
    _open_log(words)
    no_color = bool({"-no-color", "--no-color"} & {*words})
    try:
        code = _run(words)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else ERROR
    except DiagnosticError as problem:
        _complain(*problem.diagnostics, no_color=no_color)
        code = ERROR
    except (KeyboardInterrupt, EOFError):
        _complain(error("Interrupted", "Nothing more was done."), no_color=no_color)
        code = ERROR
    except BrokenPipeError:
        silence()
        code = ERROR
    except Exception as problem:  # noqa: BLE001 - no traceback ever reaches a user who didn't ask for it
        _complain(_outer_trouble(problem) or _bug(problem), no_color=no_color)
        code = ERROR
    LOG.tell("INFO", "cli", "ends with exit code %s", code)
    LOG.close()
    sys.exit(code)


def _run(words: list[str]) -> int:
    name, rest = _command(words)
    if name not in COMMANDS or HELP & set(rest):
        from kvmform.cli.help import show_help

        show_help(name)
        return OK if HELP & set(rest) else ERROR
    function = command(name)
    rest = from_environment(name, terraform_named(os.environ)) + rest
    return function(**read(function, rest, name)) or OK


def _command(words: list[str]) -> tuple[str, list[str]]:
    """Which command it is, and the words behind it; the flags before it are obeyed."""
    position = 0
    while position < len(words) and words[position].startswith("-"):
        flag, _, value = f"-{words[position].lstrip('-')}".partition("=")
        position += 1
        if flag in {"-version", "-v"}:
            return "version", words[position:]
        if flag in HELP:
            name, _ = _command(words[position:])
            return name, ["-help"]
        if flag != "-chdir":
            raise wrong_usage("", f"There is no flag {flag} before a command.")
        _change_directory(value or "".join(words[position : position + 1]))
        position += not value
    first, second = [*words[position : position + 2], "", ""][:2]
    if (name := f"{first} {second}") in COMMANDS:
        return name, words[position + 2 :]
    if first in GROUPS and first not in COMMANDS and second and second not in HELP:
        raise wrong_usage(first, f'There is no command "{name}".')
    if first == "help":
        return _command(["-help", *words[position + 1 :]])
    if first in ABSENT:
        raise DiagnosticError.of(f'kvmform has no command "{first}"', ABSENT[first])
    if first and first not in COMMANDS and first not in GROUPS:
        raise wrong_usage("", f'There is no command "{first}".{suggestion(first, COMMANDS)}')
    return first, words[position + 1 :]


def _change_directory(directory: str) -> None:
    try:
        os.chdir(directory)
    except OSError as problem:
        detail = f"-chdir={directory}: {problem.strerror}."
        raise DiagnosticError.of("Can't change directory", detail) from problem


def _open_log(words: list[str]) -> None:
    """Begin the log, if the environment asks for one."""
    try:
        LOG.open(terraform_named(os.environ))
    except OSError as problem:
        print(f"The log of TF_LOG_PATH can't be written: {problem.strerror}.", file=sys.stderr)
    LOG.tell("INFO", "cli", "kvmform v%s with Python %s", __version__, sys.version.partition(" ")[0])
    told = [_without_value(word, before) for before, word in zip(["", *words], words, strict=False)]
    LOG.tell("INFO", "cli", "command line: %s", " ".join(told))


def _without_value(word: str, before: str) -> str:
    """A word of a command line; of a variable, or an argument of a backend, only its name: the value may be secret."""
    flag, sign, given = word.partition("=")
    if sign and flag.lstrip("-") in _MAY_BE_SECRET:
        return f"{flag}={_only_name(given)}"
    return _only_name(word) if before.startswith("-") and before.lstrip("-") in _MAY_BE_SECRET else word


_MAY_BE_SECRET = ("var", "backend-config")


def _only_name(given: str) -> str:
    name, sign, _ = given.partition("=")
    return f"{name}=…" if sign else name


def _complain(*diagnostics: Diagnostic, no_color: bool) -> None:
    from kvmform.cli.session import wants_color
    from kvmform.view import open_view

    view = open_view(json=False, color=wants_color(no_color=no_color))
    view.diagnostics(diagnostics)
    view.close()


def _outer_trouble(problem: Exception) -> Diagnostic | None:
    """What is wrong with the surroundings, where it is that: the output, or the current directory."""
    if isinstance(problem, OSError) and problem.errno in CANNOT_WRITE and problem.filename is None:
        silence()
        detail = f"Standard output takes no more: {problem.strerror}. What was done up to here is recorded."
        return error("Output can't be written", detail)
    try:
        os.getcwd()  # noqa: PTH109 - pathlib may not be imported, and needn't be
    except OSError as gone:
        return error("No current directory", f"It can't be used: {gone.strerror}. Go to one that is there.")
    return None


def _bug(problem: Exception) -> Diagnostic:
    if LOG.wants("DEBUG", "cli"):
        import traceback

        LOG.tell("ERROR", "cli", "%s", "".join(traceback.format_exception(problem)))
    detail = (
        f"{type(problem).__name__}: {problem}\n\nThis is a bug in kvmform. What was done up to here is recorded. "
        "Please report it, with what KVMFORM_LOG=debug in the environment shows."
    )
    return error("Unexpected error", detail)
