"""Load a directory and the modules that it calls: files to a tree of declarations."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from kvmform.config import blocks
from kvmform.config.files import Files
from kvmform.config.module import Module, ModuleCall, ModulePath, ProviderReference
from kvmform.diagnostics import Diagnostic, Diagnostics, SourceRange, error, warning
from kvmform.lang.ast import Block, Body
from kvmform.lang.parse import parse_config

__all__ = ["load_configuration"]

_LABELS = {
    "terraform": 0,
    "provider": 1,
    "variable": 1,
    "locals": 0,
    "output": 1,
    "module": 1,
    "resource": 2,
    "data": 2,
    "moved": 0,
    "import": 0,
    "removed": 0,
    "check": 1,
}
_NOT_YET = {"import", "removed", "check", "moved"}


def load_configuration(root: Path, files: Files, data_directory: Path) -> tuple[Module, list[Diagnostic]]:
    """Load the module in `root` and all that it calls.

    Args:
        root: the directory one runs kvmform in.
        files: where the text of files comes from.
        data_directory: `.terraform`, where `init` records modules that are not local.

    Returns:
        The root module and the warnings.

    Raises:
        DiagnosticError: with every problem of every file.
    """
    problems = Diagnostics()
    loader = _Loader(root, files, data_directory, problems)
    module = loader.load((), root, None)
    problems.raise_errors()
    return module, list(problems)


class _Loader:
    """Loads modules; a directory that is called several times is parsed once."""

    def __init__(self, root: Path, files: Files, data_directory: Path, problems: Diagnostics) -> None:
        self._root = root
        self._files = files
        self._data_directory = data_directory
        self._problems = problems
        self._parsed: dict[Path, Module] = {}
        self._manifest: dict[str, str] | None = None

    def load(self, path: ModulePath, directory: Path, called_at: SourceRange | None) -> Module:
        """The module in a directory, as called along `path`."""
        if len(path) > 50:
            detail = (
                f"Modules are nested more than 50 deep at module.{'.module.'.join(path[:4])}…; does one call itself?"
            )
            self._problems.add(error("Module nesting too deep", detail, called_at))
            return Module(path, directory)
        if directory not in self._parsed:
            self._parsed[directory] = self._read(directory, called_at)
        known = self._parsed[directory]
        module = Module(
            path,
            directory,
            known.variables,
            known.locals,
            known.outputs,
            known.resources,
            known.calls,
            known.providers,
            known.local_providers,
            known.moved,
        )
        for name, call in known.calls.items():
            below = self._directory_of(call, (*path, name), directory)
            if below is not None:
                module.children[name] = self.load((*path, name), below, call.range)
        return module

    def _read(self, directory: Path, called_at: SourceRange | None) -> Module:
        texts = self._files.read(directory)
        module = Module((), directory)
        if not texts:
            shown = self._shown(directory)
            detail = (
                f"The directory {shown} contains no configuration files (*.tf, *.tf.json or *.kvm.hcl). "
                "Change to the lab's directory, or name it with -chdir=DIR."
            )
            self._problems.add(error("No configuration files", detail, called_at))
        bodies = [body for name, text in texts.items() if (body := self._parse(directory / name, text)) is not None]
        for body in bodies:
            self._declare_all(module, body)
        return module

    def _parse(self, path: Path, text: str) -> Body | None:
        shown = self._shown(path)
        if path.name.endswith(".json"):
            from kvmform.lang.json_syntax import parse_json_config

            body, found = parse_json_config(text, shown)
        else:
            body, found = parse_config(text, shown)
        self._problems.add(*found)
        return body

    def _shown(self, path: Path) -> str:
        return os.path.relpath(path, self._root) if path.is_relative_to(self._root) else str(path)

    def _declare_all(self, module: Module, body: Body) -> None:
        for attribute in body.attributes.values():
            detail = f'"{attribute.name}" stands outside of any block. Arguments belong inside a block.'
            self._problems.add(error("Unsupported argument", detail, attribute.name_range))
        for block in body.blocks:
            wanted = _LABELS.get(block.type)
            if wanted is None:
                hint = blocks.did_you_mean(block.type, _LABELS)
                detail = f'Blocks of type "{block.type}" are not expected here.{hint}'
                self._problems.add(error("Unsupported block type", detail, block.type_range))
            elif len(block.labels) != wanted:
                detail = f"A {block.type} block has {wanted} labels, and this one has {len(block.labels)}."
                self._problems.add(error("Wrong number of block labels", detail, block.header))
            elif block.type in _NOT_YET:
                detail = f"This version of kvmform does not act on {block.type} blocks yet; remove it for now."
                self._problems.add(error(f'"{block.type}" blocks are not supported yet', detail, block.header))
            else:
                self._declare(module, block)

    def _declare(self, module: Module, block: Block) -> None:
        problems = self._problems
        match block.type:
            case "variable":
                variable = blocks.read_variable(block, problems)
                self._add(module.variables, variable.name, variable, block, f'variable "{variable.name}"')
            case "locals":
                for local in blocks.read_locals(block):
                    self._add(module.locals, local.name, local, block, f'local value "{local.name}"', local.range)
            case "output":
                if output := blocks.read_output(block, problems):
                    self._add(module.outputs, output.name, output, block, f'output "{output.name}"')
            case "provider":
                provider = blocks.read_provider(block, problems)
                reference = ProviderReference(provider.name, provider.alias)
                self._add(module.providers, reference, provider, block, f"configuration for provider {reference}")
            case "resource" | "data":
                mode = "managed" if block.type == "resource" else "data"
                resource = blocks.read_resource(block, mode, problems)
                key = (mode, resource.type, resource.name)
                self._add(module.resources, key, resource, block, f"{block.type} {resource.type}.{resource.name}")
            case "module":
                if call := blocks.read_call(block, problems):
                    self._add(module.calls, call.name, call, block, f'module call "{call.name}"')
            case "terraform":
                self._terraform_settings(module, block)

    def _add(
        self, table: dict[Any, Any], key: object, value: object, block: Block, words: str, at: SourceRange | None = None
    ) -> None:
        if key in table:
            first = getattr(table[key], "range", None)
            detail = f"A {words} was already declared at {first}. Names are unique within a module; rename one."
            self._problems.add(error(f"Duplicate {words.split(' ', 1)[0]}", detail, at or block.header))
        else:
            table[key] = value

    def _terraform_settings(self, module: Module, block: Block) -> None:
        module.local_providers.update(blocks.required_providers(block))
        for inner in block.body.blocks:
            if inner.type == "backend" and inner.labels and inner.labels[0].value != "local":
                detail = (
                    f'The backend "{inner.labels[0].value}" is not supported yet; state is kept in a local file. '
                    "Use -state=PATH to say where."
                )
                self._problems.add(warning("Backend not supported", detail, inner.header))

    def _directory_of(self, call: ModuleCall, path: ModulePath, directory: Path) -> Path | None:
        if call.source.startswith(("./", "../")):
            return Path(os.path.normpath(directory / call.source))
        recorded = self._recorded_modules().get(".".join(path))
        if recorded is not None:
            return Path(os.path.normpath(self._root / recorded))
        detail = (
            f'The module "{call.name}" comes from "{call.source}", which is not a local directory. This version of '
            "kvmform takes local modules only (a source that begins with ./ or ../): copy the module beside the lab."
        )
        self._problems.add(error("Module not installed", detail, call.range))
        return None

    def _recorded_modules(self) -> dict[str, str]:
        if self._manifest is None:
            manifest = self._data_directory / "modules" / "modules.json"
            self._manifest = {}
            if manifest.is_file():
                entries = json.loads(manifest.read_text()).get("Modules", [])
                self._manifest = {entry["Key"]: entry["Dir"] for entry in entries if entry.get("Key")}
        return self._manifest
