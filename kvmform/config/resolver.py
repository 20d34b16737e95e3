"""What references mean inside one module instance; see kvmform.lang.scope.Resolver."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvmform.address import ResourceAddress
from kvmform.config.module_instance import ModuleInstance
from kvmform.diagnostics import DiagnosticError, SourceRange
from kvmform.values.model import Unknown, Value

if TYPE_CHECKING:
    from kvmform.config.evaluation import Evaluation

__all__ = ["Resolver"]


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolves the references of one module instance with the values of an evaluation."""

    evaluation: Evaluation
    within: ModuleInstance

    def resolve(self, root: str, steps: tuple[Any, ...], at: SourceRange) -> tuple[Value, int]:
        """The value that a reference begins with, and how many of its steps are in that."""
        module, evaluation = self.within.module, self.evaluation
        match root, steps:
            case "var", (str(name), *_) if name in module.variables:
                return evaluation.variable(self.within, name), 1
            case "local", (str(name), *_) if name in module.locals:
                return evaluation.local(self.within, name), 1
            case "path", (str(name), *_):
                return self._path(name, at), 1
            case "terraform", ("workspace", *_):
                return evaluation.surroundings.workspace, 1
            case "module", (str(name), *rest) if name in module.children:
                return self._module(name, rest)
            case "data", (str(kind), str(name), *rest) if ("data", kind, name) in module.resources:
                return self._resource("data", kind, name, rest, 2)
            case kind, (str(name), *rest) if ("managed", kind, name) in module.resources:
                return self._resource("managed", kind, name, rest, 1)
        reference = ".".join([root, *(str(step) for step in steps[:2])])
        detail = f'Nothing named "{reference}" is declared in this module.'
        raise DiagnosticError.of("Reference to undeclared name", detail, at)

    def _resource(self, mode: str, kind: str, name: str, rest: list[Any], used: int) -> tuple[Value, int]:
        address = ResourceAddress(self.within.address, mode, kind, name)
        value, consumed = self.evaluation.resource(address, tuple(rest))
        return value, used + consumed

    def _path(self, name: str, at: SourceRange) -> str:
        around = self.evaluation.surroundings
        match name:
            case "module":
                directory = self.within.module.directory
                inside = directory.is_relative_to(around.root_directory)
                return _relative(directory, around.root_directory) if inside else str(directory)
            case "root":
                return "."
            case "cwd":
                return str(around.working_directory)
        detail = f"There is no path.{name}; there are path.module, path.root and path.cwd."
        raise DiagnosticError.of('Invalid "path" attribute', detail, at)

    def _module(self, name: str, rest: list[Any]) -> tuple[Value, int]:
        evaluation = self.evaluation
        by_key = evaluation.children(self.within, name)
        call = self.within.module.calls[name]
        if None in by_key and (call.count is not None or call.for_each is not None):
            return Unknown(), 1 + len(rest)
        if None in by_key:
            return self._module_output(by_key[None], rest, 1)
        if rest and rest[0] in by_key:
            return self._module_output(by_key[rest[0]], rest[1:], 2)
        whole = {key: self._module_output(instance, [], 0)[0] for key, instance in by_key.items()}
        return (tuple(whole.values()) if call.count is not None else {str(k): v for k, v in whole.items()}), 1

    def _module_output(self, instance: ModuleInstance, rest: list[Any], used: int) -> tuple[Value, int]:
        evaluation = self.evaluation
        if rest and rest[0] in instance.module.outputs:
            return evaluation.output(instance, rest[0]), used + 1
        return {name: evaluation.output(instance, name) for name in instance.module.outputs}, used


def _relative(directory: Path, root: Path) -> str:
    relative = directory.relative_to(root)
    return str(relative) if relative.parts else "."
