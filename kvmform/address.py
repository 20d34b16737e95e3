"""Addresses: the names of modules, resources and resource instances.

``module.lab["a"].libvirt_domain.web[0]`` in Terraform's notation. Addresses are values:
hashable, ordered naturally (`web[2]` before `web[10]`), parsed from and printed as text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kvmform.diagnostics import DiagnosticError
from kvmform.struct import Struct

__all__ = [
    "ROOT",
    "InstanceAddress",
    "InstanceKey",
    "ModuleAddress",
    "ResourceAddress",
    "Target",
    "parse_instance",
    "parse_target",
    "target_of",
    "without_keys",
]

InstanceKey = int | str | None
"""Key of one element: an index (`count`), a string (`for_each`), or None for a single one."""

_IDENTIFIER = r"[^\W\d][\w-]*"
_KEY = r'\[(?:(?P<index>\d+)|(?P<string>"(?:[^"\\]|\\.)*"))\]'
_STEP = rf"(?P<name>{_IDENTIFIER})(?:{_KEY})?(?:\.|$)"


def _key_text(key: InstanceKey) -> str:
    match key:
        case None:
            return ""
        case int():
            return f"[{key}]"
        case str():
            from json import dumps

            quoted = dumps(key, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
            return f"[{quoted}]"


def _key_order(key: InstanceKey) -> tuple[int, int, str]:
    match key:
        case None:
            return (0, 0, "")
        case int():
            return (1, key, "")
        case str():
            return (2, 0, key)


class ModuleAddress(Struct):
    """A module instance: the calls that lead to it from the root, outermost first."""

    steps: tuple[tuple[str, InstanceKey], ...] = ()

    def child(self, name: str, key: InstanceKey = None) -> ModuleAddress:
        """The instance that a call in this module makes."""
        return ModuleAddress((*self.steps, (name, key)))

    @property
    def is_root(self) -> bool:
        """Whether this is the module one runs kvmform in."""
        return not self.steps

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the calls, whatever the keys: where the module is in the configuration."""
        return tuple(name for name, _ in self.steps)

    def named(self, kind: str, name: str) -> str:
        """The address of a `var`, `output` or `check` in it."""
        return f"{kind}.{name}" if self.is_root else f"{self}.{kind}.{name}"

    def sort_key(self) -> tuple[object, ...]:
        """Orders addresses naturally."""
        return tuple((name, _key_order(key)) for name, key in self.steps)

    def __str__(self) -> str:
        return ".".join(f"module.{name}{_key_text(key)}" for name, key in self.steps)


ROOT = ModuleAddress()


class ResourceAddress(Struct):
    """A `resource` or `data` block in one module instance; all its instances together."""

    module: ModuleAddress
    mode: str
    """`managed` or `data`."""
    type: str
    name: str

    def instance(self, key: InstanceKey = None) -> InstanceAddress:
        """One instance of it."""
        return InstanceAddress(self, key)

    def sort_key(self) -> tuple[object, ...]:
        """Orders addresses naturally: by module, type, name; data sources come first, as in Terraform."""
        return (self.module.sort_key(), self.mode == "managed", self.type, self.name)

    def __str__(self) -> str:
        prefix = f"{self.module}." if not self.module.is_root else ""
        data = "data." if self.mode == "data" else ""
        return f"{prefix}{data}{self.type}.{self.name}"


class InstanceAddress(Struct):
    """One instance of a resource: the address that plans, state and messages speak of."""

    resource: ResourceAddress
    key: InstanceKey = None

    @property
    def module(self) -> ModuleAddress:
        """The module instance it is in."""
        return self.resource.module

    @property
    def type(self) -> str:
        """The resource type, for example `libvirt_domain`."""
        return self.resource.type

    def sort_key(self) -> tuple[object, ...]:
        """Orders addresses naturally."""
        return (self.resource.sort_key(), _key_order(self.key))

    def __str__(self) -> str:
        return f"{self.resource}{_key_text(self.key)}"


def without_keys(address: str) -> str:
    """An address as it is in the configuration: of no instance of a module or resource."""
    return re.sub(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]', "", address) if "[" in address else address


Target = ModuleAddress | ResourceAddress | InstanceAddress
"""What a command or a block can name: a module, a resource with all its instances, or one instance."""


def _parse_steps(text: str) -> list[tuple[str, InstanceKey]]:
    steps: list[tuple[str, InstanceKey]] = []
    at = 0
    while at < len(text):
        found = re.compile(_STEP).match(text, at)
        if found is None:
            return []
        key: InstanceKey = None
        if found["index"] is not None:
            key = int(found["index"])
        elif found["string"] is not None:
            from json import loads

            key = str(loads(found["string"])).replace("$${", "${").replace("%%{", "%{")
        steps.append((found["name"], key))
        at = found.end()
    return [] if text.endswith(".") else steps


def _split_module(
    steps: Sequence[tuple[str, InstanceKey]],
) -> tuple[ModuleAddress, Sequence[tuple[str, InstanceKey]]]:
    module = ROOT
    while len(steps) >= 2 and steps[0] == ("module", None):
        module = module.child(*steps[1])
        steps = steps[2:]
    return module, steps


def parse_target(text: str) -> Target:
    """Parse what `-target` takes: a module, a resource, or one instance.

    A resource without a key is a :class:`ResourceAddress`: all of its instances.

    Raises:
        DiagnosticError: `text` is no address.
    """
    target = target_of(_parse_steps(text))
    if target is not None:
        return target
    raise DiagnosticError.of(
        "Invalid address",
        f'"{text}" is not an address. Write TYPE.NAME, TYPE.NAME[KEY] or module.NAME, for example '
        'libvirt_domain.web, libvirt_domain.web[0] or module.lab["a"].libvirt_pool.images.',
    )


def target_of(steps: Sequence[tuple[str, InstanceKey]]) -> Target | None:
    """What names, each with its key, mean; None where they mean nothing. `resource.` in front changes nothing."""
    module, steps = _split_module(steps)
    mode = "managed"
    if len(steps) == 3 and steps[0] == ("resource", None):
        steps = steps[1:]
    if steps and steps[0] == ("data", None):
        mode, steps = "data", steps[1:]
    if not steps and not module.is_root:
        return module
    if len(steps) == 2 and steps[0][1] is None:
        resource = ResourceAddress(module, mode, steps[0][0], steps[1][0])
        return resource if steps[1][1] is None else resource.instance(steps[1][1])
    return None


def parse_instance(text: str) -> InstanceAddress:
    """Parse the address of one resource instance.

    Raises:
        DiagnosticError: `text` is no such address.
    """
    match parse_target(text):
        case InstanceAddress() as instance:
            return instance
        case ResourceAddress() as resource:
            return resource.instance()
        case ModuleAddress():
            raise DiagnosticError.of("Invalid address", f'"{text}" is a module; name one resource instance in it.')
