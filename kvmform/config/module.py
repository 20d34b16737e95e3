"""A configuration as declared: modules and their blocks, not yet evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kvmform.address import ModuleAddress, ResourceAddress, Target
from kvmform.diagnostics import SourceRange
from kvmform.lang.ast import Attribute, Body, Expression
from kvmform.lang.type_constraint import TypeConstraint
from kvmform.modules.source import ModuleSource
from kvmform.modules.version import Constraints
from kvmform.struct import Struct, field

__all__ = [
    "Check",
    "Condition",
    "IgnoredPath",
    "Import",
    "Lifecycle",
    "LocalValue",
    "Module",
    "ModuleCall",
    "ModulePath",
    "Moved",
    "Output",
    "ProviderBlock",
    "ProviderReference",
    "Provisioner",
    "Removed",
    "ResourceBlock",
    "Variable",
]

ModulePath = tuple[str, ...]
"""Names of the calls that lead to a module from the root; `()` is the root."""


class Condition(Struct):
    """A `validation`, `precondition`, `postcondition` or `assert` block."""

    condition: Expression
    error_message: Expression
    range: SourceRange


class Variable(Struct, kw_only=True):
    """A `variable` block: an input variable."""

    name: str
    constraint: TypeConstraint | None
    default: Expression | None
    sensitive: bool
    nullable: bool
    ephemeral: bool
    description: str
    validations: tuple[Condition, ...]
    range: SourceRange


class LocalValue(Struct):
    """One line of a `locals` block."""

    name: str
    expression: Expression
    range: SourceRange


class Output(Struct, kw_only=True):
    """An `output` block: an output value."""

    name: str
    expression: Expression
    sensitive: bool
    ephemeral: bool
    description: str
    depends_on: tuple[Expression, ...]
    preconditions: tuple[Condition, ...]
    range: SourceRange


class ProviderReference(Struct):
    """Which provider configuration a resource uses: `libvirt`, or `libvirt.second`."""

    name: str
    alias: str | None = None

    @classmethod
    def parse(cls, text: str) -> ProviderReference:
        """The inverse of `str`."""
        name, _, alias = text.partition(".")
        return cls(name, alias or None)

    def __str__(self) -> str:
        return self.name if self.alias is None else f"{self.name}.{self.alias}"


class IgnoredPath(Struct):
    """An entry of `ignore_changes`: an attribute, or what is in it."""

    path: tuple[str | int, ...]
    range: SourceRange


class Lifecycle(Struct, kw_only=True):
    """A `lifecycle` block. `ignore_changes` is None for `all`."""

    create_before_destroy: bool = False
    prevent_destroy: bool = False
    ignore_changes: tuple[IgnoredPath, ...] | None = ()
    replace_triggered_by: tuple[Expression, ...] = ()
    preconditions: tuple[Condition, ...] = ()
    postconditions: tuple[Condition, ...] = ()

    @property
    def ignored(self) -> tuple[tuple[str | int, ...], ...] | None:
        """The paths of `ignore_changes`; None for `all`."""
        return None if self.ignore_changes is None else tuple(each.path for each in self.ignore_changes)


class Provisioner(Struct, kw_only=True):
    """A `provisioner` block; `connection` has what that of the resource says, too."""

    type: str
    when: str
    """`create` or `destroy`."""
    on_failure: str
    """`fail` or `continue`."""
    body: Body
    connection: Body | None
    range: SourceRange


class ResourceBlock(Struct, kw_only=True):
    """A `resource` or `data` block; `body` is what its type's schema describes."""

    mode: str
    """`managed` or `data`."""
    type: str
    name: str
    body: Body
    count: Expression | None
    for_each: Expression | None
    depends_on: tuple[Expression, ...]
    provider: ProviderReference
    lifecycle: Lifecycle
    check: str = ""
    """The check block that a data source is in, and is known to alone; or empty."""
    range: SourceRange
    type_range: SourceRange
    """The label that names the type."""
    provisioners: tuple[Provisioner, ...] = ()


class ModuleCall(Struct, kw_only=True):
    """A `module` block; `arguments` become the called module's input variables."""

    name: str
    source: str
    """As written; `module` is what it means, None where it means nothing."""
    module: ModuleSource | None
    constraints: Constraints
    """`version`."""
    source_range: SourceRange
    arguments: dict[str, Attribute]
    count: Expression | None
    for_each: Expression | None
    depends_on: tuple[Expression, ...]
    providers: dict[str, ProviderReference]
    provider_ranges: dict[str, SourceRange]
    """Where each of `providers` is written."""
    range: SourceRange
    opening: SourceRange
    """The brace that opens the block."""


class ProviderBlock(Struct):
    """A `provider` block."""

    name: str
    alias: str | None
    body: Body
    range: SourceRange

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing: in a module it stands for what is passed, as before `configuration_aliases`."""
        return not self.body.attributes and not self.body.blocks


class Moved(Struct):
    """A `moved` block. Both addresses start at the module that the block is in.

    They are of one kind: two :class:`ModuleAddress`, two :class:`ResourceAddress` (all
    instances keep their keys), or two :class:`InstanceAddress`.
    """

    source: Target
    target: Target
    range: SourceRange

    @property
    def names_call(self) -> bool:
        """Whether all instances of a module call move, and keep their keys."""
        ends = [end.steps[-1][1] for end in (self.source, self.target) if isinstance(end, ModuleAddress)]
        return bool(ends) and all(key is None for key in ends)


class Removed(Struct):
    """A `removed` block; its address starts at the module that the block is in, and has no keys."""

    source: ModuleAddress | ResourceAddress
    destroy: bool
    """Whether the objects are deleted, or only forgotten."""
    range: SourceRange
    provisioners: tuple[Provisioner, ...] = ()
    """What runs before an object is deleted."""


class Import(Struct):
    """An `import` block. `resource` is what `target` leads to, whatever its keys, which may be expressions."""

    resource: ResourceAddress
    target: Expression
    id: Expression
    for_each: Expression | None
    range: SourceRange
    provider: ProviderReference | None = None
    """The provider configuration of a resource block that is to be generated."""


class Check(Struct):
    """A `check` block; its data source is among the resources of the module, too."""

    name: str
    asserts: tuple[Condition, ...]
    data: ResourceBlock | None
    range: SourceRange


class Module(Struct, frozen=False):
    """One directory of configuration files, and the modules that it calls.

    The same directory called twice is parsed once; each call has a Module of its own here
    whose declarations are shared.
    """

    path: ModulePath
    directory: Path
    variables: dict[str, Variable] = field(default_factory=dict)
    locals: dict[str, LocalValue] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)
    resources: dict[tuple[str, str, str], ResourceBlock] = field(default_factory=dict)
    """By mode, type and name."""
    calls: dict[str, ModuleCall] = field(default_factory=dict)
    providers: dict[ProviderReference, ProviderBlock] = field(default_factory=dict)
    local_providers: dict[str, str] = field(default_factory=dict)
    """`required_providers`: the names used here, with the addresses they stand for."""
    provider_aliases: set[ProviderReference] = field(default_factory=set)
    """`configuration_aliases`: configurations that whoever calls this module has to pass."""
    required_at: SourceRange | None = None
    """Where the `required_providers` block is."""
    moved: list[Moved] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    checks: dict[str, Check] = field(default_factory=dict)
    provider_versions: dict[str, Constraints] = field(default_factory=dict)
    """`required_providers`: the versions that are allowed, by the same names."""
    children: dict[str, Module] = field(default_factory=dict)

    def walk(self) -> Iterator[Module]:
        """This module and all below it, outermost first."""
        yield self
        for name in sorted(self.children):
            yield from self.children[name].walk()

    def provider_type(self, name: str) -> str:
        """The provider that a name stands for here: `libvirt`, whatever `required_providers` calls it."""
        return self.local_providers.get(name, name).rsplit("/", 1)[-1]

    def has(self, path: ModulePath) -> bool:
        """Whether there is a module at a path below this one."""
        return not path or (path[0] in self.children and self.children[path[0]].has(path[1:]))

    def descendant(self, path: ModulePath) -> Module:
        """The module at a path below this one."""
        module = self
        for name in path:
            module = module.children[name]
        return module
