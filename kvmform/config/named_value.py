"""A value that a module instance gives a name to, and which other such values it is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from kvmform.address import InstanceKey, ModuleAddress
from kvmform.config.block_references import all_references
from kvmform.config.module_instance import ModuleInstance
from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import Expression
from kvmform.struct import Struct

__all__ = ["NamedValue"]


class NamedValue(Struct, eq=False):
    """A variable, local value or output of a module instance: `kind` is `var`, `local` or `output`."""

    within: ModuleInstance
    kind: str
    name: str

    @property
    def key(self) -> tuple[ModuleAddress, str, str]:
        """Under which it is remembered."""
        return (self.within.address, self.kind, self.name)

    def needed(
        self, children: Callable[[ModuleInstance, str], Mapping[InstanceKey, ModuleInstance]]
    ) -> Iterator[NamedValue]:
        """The values that its expression refers to; `children` gives the instances of a called module."""
        within = self.within
        if self.kind == "var" and within.parent is not None:
            within = within.parent
        for reference in all_references(self._expressions()):
            match reference.root, reference.steps:
                case "var", (str(name), *_) if name in within.module.variables:
                    yield NamedValue(within, "var", name)
                case "local", (str(name), *_) if name in within.module.locals:
                    yield NamedValue(within, "local", name)
                case "module", (str(name), *rest) if name in within.module.children:
                    with suppress(DiagnosticError):
                        for child in children(within, name).values():
                            outputs = child.module.outputs
                            named = [step for step in rest[:2] if step in outputs] or outputs
                            yield from (NamedValue(child, "output", str(output)) for output in named)

    def _expressions(self) -> list[Expression]:
        module, call = self.within.module, self.within.call
        match self.kind:
            case "local":
                return [module.locals[self.name].expression]
            case "output":
                return [module.outputs[self.name].expression]
        argument = call.arguments.get(self.name) if call is not None else None
        return [argument.expression] if argument is not None else []
