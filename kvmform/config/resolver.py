"""What references mean inside one module instance; see kvmform.lang.scope.Resolver."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kvmform.config.module_instance import ModuleInstance
from kvmform.config.reference_range import first_steps
from kvmform.diagnostics import DiagnosticError, SourceRange
from kvmform.struct import Struct
from kvmform.values.model import Unknown, Value
from kvmform.values.types import DYNAMIC, ListType, object_type

if TYPE_CHECKING:
    from kvmform.config.names import Names

__all__ = ["Resolver"]


class Resolver(Struct):
    """Resolves the references of one module instance.

    Most of what is wrong with references is found before anything is evaluated, by
    kvmform.config.validate; this tells the rest.
    """

    names: Names
    within: ModuleInstance

    def resolve(self, root: str, steps: tuple[Any, ...], at: SourceRange) -> tuple[Value, int]:
        """The value that a reference begins with, and how many of its steps are in that."""
        module, names = self.within.module, self.names
        match root, steps:
            case "var", (str(name), *_) if name in module.variables:
                return names.value(self.within, "var", name), 1
            case "local", (str(name), *_) if name in module.locals:
                return names.value(self.within, "local", name), 1
            case "path", (str(name), *_):
                return self._path(name, at), 1
            case "terraform", ("workspace", *_):
                return names.surroundings.workspace, 1
            case "module", (str(name), *rest) if name in module.children:
                return self._module(name, rest)
            case "data", (str(kind), str(name), *rest) if ("data", kind, name) in module.resources:
                value, used = names.resource(self.within, module.resources["data", kind, name], rest)
                return value, used + 2
            case kind, (str(name), *rest) if ("managed", kind, name) in module.resources:
                value, used = names.resource(self.within, module.resources["managed", kind, name], rest)
                return value, used + 1
        reference = ".".join([root, *(str(step) for step in steps[:2])])
        detail = f'Nothing named "{reference}" is declared in this module, or can be referred to here.'
        raise DiagnosticError.of("Reference to undeclared name", detail, at)

    def _path(self, name: str, at: SourceRange) -> str:
        around = self.names.surroundings
        match name:
            case "module":
                return os.path.relpath(self.within.module.directory, around.root_directory)
            case "root":
                return "."
            case "cwd":
                return str(around.working_directory)
        detail = f"There is no path.{name}; there are path.module, path.root and path.cwd."
        raise DiagnosticError.of('Invalid "path" attribute', detail, first_steps(at, 1))

    def _module(self, name: str, rest: list[Any]) -> tuple[Value, int]:
        """The value of a module call, or of the instance or output that the next steps name."""
        by_key = self.names.children(self.within, name)
        call = self.within.module.calls[name]
        if call.count is None and call.for_each is None:
            return self._outputs(by_key[None], rest, 1)
        if None in by_key:
            # A stand-in for all instances: nothing is known of which there are.
            if call.count is not None and rest and not str(rest[0]).isdecimal():
                outputs = object_type(dict.fromkeys(by_key[None].module.outputs, DYNAMIC))
                return Unknown(ListType(outputs), not_null=True), 1
            return self._outputs(by_key[None], rest[1:], 2) if rest else (Unknown(), 1)
        if rest and rest[0] in by_key:
            return self._outputs(by_key[rest[0]], rest[1:], 2)
        whole = {key: self._outputs(instance, [], 0)[0] for key, instance in by_key.items()}
        return (tuple(whole.values()) if call.count is not None else {str(k): v for k, v in whole.items()}), 1

    def _outputs(self, instance: ModuleInstance, rest: list[Any], used: int) -> tuple[Value, int]:
        """One output of a module instance where the next step names it, else an object of all."""
        outputs = instance.module.outputs
        if rest and rest[0] in outputs:
            return self.names.value(instance, "output", rest[0]), used + 1
        return {name: self.names.value(instance, "output", name) for name in outputs}, used
