"""Load a directory and the modules that it calls: files to a tree of declarations."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kvmform.config import blocks
from kvmform.config.check_block import read_check
from kvmform.config.files import Files, parse_file
from kvmform.config.imports import read_import
from kvmform.config.module import Module, ModuleCall, ModulePath, ProviderReference
from kvmform.config.moved import read_moved
from kvmform.config.override import is_override_file, merge_overrides
from kvmform.config.removed import read_removed
from kvmform.config.required_providers import read_required_providers
from kvmform.config.terraform_block import check_settings
from kvmform.config.variables import check_variable
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, Source, SourceRange, error
from kvmform.lang.ast import Block, Body, Label
from kvmform.lang.suggestion import did_you_mean
from kvmform.log import LOG
from kvmform.modules.call import Call, Modules
from kvmform.modules.source import LocalSource
from kvmform.struct import replace

__all__ = ["load_configuration"]

_LABELS: dict[str, tuple[str, ...]] = {
    "terraform": (),
    "provider": ("name",),
    "variable": ("name",),
    "locals": (),
    "output": ("name",),
    "module": ("name",),
    "resource": ("type", "name"),
    "data": ("type", "name"),
    "moved": (),
    "import": (),
    "removed": (),
    "check": ("name",),
    "ephemeral": ("type", "name"),
}
"""Top-level blocks, and what their labels are."""

_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_RESERVED = {"source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"}
"""Words that mean something in a module block, so that no input variable can have them as its name."""


def load_configuration(
    root: Path, files: Files, modules: Modules, *, may_be_empty: bool = False
) -> tuple[Module, list[Diagnostic]]:
    """Load the module in `root` and all that it calls.

    Args:
        root: the directory one runs kvmform in.
        files: where the text of files comes from.
        modules: knows, or brings, the directories of the modules that are called.
        may_be_empty: whether a root directory without configuration files will do.

    Returns:
        The root module and the warnings.

    Raises:
        DiagnosticError: with every problem of every file.
    """
    problems = Diagnostics()
    module = _Loader(root, files, modules, problems, may_be_empty=may_be_empty).load_root()
    problems.raise_errors()
    return module, list(problems)


class _Loader:
    """Loads modules; a directory that is called several times is parsed once."""

    def __init__(
        self, root: Path, files: Files, modules: Modules, problems: Diagnostics, *, may_be_empty: bool
    ) -> None:
        self._root = root
        self._files = files
        self._modules = modules
        self._problems = problems
        self._broken: set[Source] = set()
        self._may_be_empty = may_be_empty
        self._parsed: dict[Path, Module] = {}

    def load_root(self) -> Module:
        """The root module, with all that it calls."""
        return self._load((), self._root, (), None)

    def _load(
        self, path: ModulePath, directory: Path, around: tuple[Path | str, ...], called: ModuleCall | None
    ) -> Module:
        """The module in a directory, as called along `path`; `around` says where its callers are and come from."""
        if directory not in self._parsed:
            self._parsed[directory] = self._read(directory, called)
        module = replace(self._parsed[directory], path=path, children={})
        for name, call in sorted(module.calls.items()):
            origin = _origin(call)
            if origin in around:
                # Each level would be installed in a directory of its own, so this can't be told by where it is.
                self._problems.add(_calls_itself(call, f"comes from {origin}"))
                continue
            below = self._directory_of(call, (*path, name), directory)
            if below is None:
                continue
            if below in (*around, directory):
                self._problems.add(_calls_itself(call, f"is in {self._shown(below)}"))
                continue
            module.children[name] = self._load((*path, name), below, (*around, directory, origin or below), call)
        return module

    def _read(self, directory: Path, call: ModuleCall | None) -> Module:
        texts = self._files.read(directory)
        LOG.tell("DEBUG", "config", "read %s: %s", directory, ", ".join(texts) or "nothing")
        module = Module((), directory)
        if not texts and not (self._may_be_empty if call is None else self._files.has(directory)):
            self._problems.add(self._nothing_there(directory, call))
        primary: list[Block] = []
        overrides: list[Block] = []
        for name, text in texts.items():
            body, found = parse_file(text, self._shown(directory / name))
            self._problems.add(*found)
            if found:
                self._broken.add(body.source)
            (overrides if is_override_file(name) else primary).extend(self._well_formed(body))
        for group in (primary, overrides):
            settings = [block for block in group if block.type == "terraform"]
            check_settings(settings, self._problems, is_root=directory == self._root)
        for block in merge_overrides(primary, overrides, self._problems):
            self._declare(module, block)
        return module

    def _nothing_there(self, directory: Path, call: ModuleCall | None) -> Diagnostic:
        shown = self._shown(directory)
        if call is not None and not isinstance(call.module, LocalSource):
            detail = (
                f'The local cache directory of the module "{call.name}", {shown}, is not there any more. '
                "Run: kvmform init"
            )
            return error("Module not installed", detail, call.range)
        if call is not None:
            detail = (
                f"The module's directory {shown} doesn't exist. Its path starts at the directory of the file with the "
                "module block."
            )
            return error("Unreadable module directory", detail, call.range)
        detail = (
            f"The directory {shown} contains no configuration files (*.tf, *.tf.json or *.kvm.hcl). "
            "Change to the lab's directory, or name it with -chdir=DIR."
        )
        return error("No configuration files", detail)

    def _shown(self, path: Path) -> str:
        """A path as messages have it: from the directory one runs kvmform in."""
        return os.path.relpath(path, self._root)

    def _well_formed(self, body: Body) -> Iterator[Block]:
        """The top-level blocks of a file that have the form of their type; reports the others."""
        for attribute in body.attributes.values():
            detail = f'"{attribute.name}" stands outside of any block. Arguments belong inside a block.'
            self._problems_of(body).add(error("Unsupported argument", detail, attribute.name_range))
        for block in body.blocks:
            problem = _malformed(block)
            if problem is None:
                yield block
            else:
                self._problems_of(body).add(problem)

    def _problems_of(self, part: Body | Block) -> Diagnostics:
        """Where to tell what a part of a file lacks: nowhere if not all of the file could be read."""
        return Diagnostics() if part.source in self._broken else self._problems

    def _declare(self, module: Module, block: Block) -> None:
        problems = self._problems_of(block)
        match block.type:
            case "variable":
                variable = blocks.read_variable(block, problems)
                check_variable(variable, problems)
                self._add(module.variables, variable.name, variable, "variable declaration", block.header)
            case "locals":
                for local in blocks.read_locals(block, problems):
                    whole = SourceRange(local.range.source, local.range.start, local.expression.end)
                    self._add(module.locals, local.name, local, "local value definition", whole)
            case "output":
                if output := blocks.read_output(block, problems):
                    self._add(module.outputs, output.name, output, "output definition", block.header)
            case "provider":
                provider = blocks.read_provider(block, problems)
                reference = ProviderReference(provider.name, provider.alias)
                self._add(module.providers, reference, provider, "provider configuration", block.header)
            case "resource" | "data":
                mode = "managed" if block.type == "resource" else "data"
                resource = blocks.read_resource(block, mode, problems)
                key = (mode, resource.type, resource.name)
                words = f'{block.type} "{resource.type}" configuration'
                self._add(module.resources, key, resource, words, block.header)
            case "module":
                if call := blocks.read_call(block, problems):
                    self._add(module.calls, call.name, call, "module call", block.header)
            case "terraform":
                read_required_providers(block, module, problems)
            case _:
                self._note(module, block)

    def _note(self, module: Module, block: Block) -> None:
        """Blocks about objects that are there already, and about the whole."""
        match block.type:
            case "ephemeral":
                detail = (
                    f'kvmform has no ephemeral resource type "{block.labels[0].value}", nor any other: '
                    "ephemeral values come from input variables that are declared with ephemeral = true."
                )
                self._problems.add(error("Invalid ephemeral resource type", detail, block.header))
            case "check":
                check = read_check(block, self._problems)
                self._add(module.checks, check.name, check, "check configuration", block.header)
                if check.data is not None:
                    key = ("data", check.data.type, check.data.name)
                    self._add(module.resources, key, check.data, "data configuration", check.data.range)
            case "moved":
                if moved := read_moved(block, self._problems):
                    module.moved.append(moved)
            case "removed":
                if removed := read_removed(block, self._problems):
                    module.removed.append(removed)
            case "import":
                if wanted := read_import(block, self._problems):
                    module.imports.append(wanted)

    def _add(self, table: dict[Any, Any], key: object, value: object, words: str, at: SourceRange) -> None:
        """Enter a declaration; a second one of the same name is a problem."""
        if key in table:
            name = key[-1] if isinstance(key, tuple) else key
            first = table[key].range
            detail = f'"{name}" was already declared at {first}. Names must be unique in a module: rename one of them.'
            self._problems.add(error(f"Duplicate {words}", detail, at))
        else:
            table[key] = value

    def _directory_of(self, call: ModuleCall, path: ModulePath, directory: Path) -> Path | None:
        if call.module is None:
            return None
        wanted = Call(
            path=path,
            source=call.module,
            constraints=call.constraints,
            range=call.range,
            source_range=call.source_range,
        )
        try:
            return self._modules.directory_of(wanted, directory)
        except DiagnosticError as problem:
            self._problems.caught(problem)
            return None


def _origin(call: ModuleCall) -> str | None:
    """What a module that isn't local comes from; the same origin again is the same module."""
    if call.module is None or isinstance(call.module, LocalSource):
        return None
    return f"{call.module} {call.constraints}".rstrip()


def _calls_itself(call: ModuleCall, where: str) -> Diagnostic:
    detail = f'The module "{call.name}" {where}, like a module that contains this call: it would never end.'
    return error("Module calls itself", detail, call.range)


def _malformed(block: Block) -> Diagnostic | None:
    """What is wrong with the type or the labels of a top-level block."""
    wanted = _LABELS.get(block.type)
    if wanted is None:
        hint = did_you_mean(block.type, _LABELS)
        return error(
            "Unsupported block type", f'Blocks of type "{block.type}" are not expected here.{hint}', block.type_range
        )
    if len(block.labels) < len(wanted):
        detail = f"All {block.type} blocks must have {len(wanted)} labels ({', '.join(wanted)})."
        return error(f"Missing {wanted[len(block.labels)]} for {block.type}", detail, block.opening)
    if len(block.labels) > len(wanted):
        labels = f"{len(wanted)} labels ({', '.join(wanted)})" if wanted else "no labels"
        detail = f"{block.type} blocks have {labels}."
        return error(f"Extraneous label for {block.type}", detail, block.labels[len(wanted)].range)
    return next((problem for label in block.labels if (problem := _unusable_name(block, label))), None)


def _unusable_name(block: Block, label: Label) -> Diagnostic | None:
    if block.type == "variable" and label.value in _RESERVED:
        detail = f'The variable name "{label.value}" is reserved due to its special meaning inside module blocks.'
        return error("Invalid variable name", detail, label.range)
    if _IDENTIFIER.fullmatch(label.value):
        return None
    detail = (
        "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes."
    )
    what = "module instance" if block.type == "module" else block.type
    return error(f"Invalid {what} name", detail, label.range)
