"""What is in state and not wanted any more: its end, and why it comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from kvmform.address import InstanceAddress, ModuleAddress, ResourceAddress
from kvmform.config.evaluation import Evaluation
from kvmform.config.module import Module, ModulePath, Removed, ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.repetition import RepetitionKind
from kvmform.diagnostics import Diagnostic, DiagnosticError, warning
from kvmform.plan.change import Action, Change
from kvmform.schema import Disruption, Object
from kvmform.state.model import InstanceState

__all__ = [
    "RemovalReasons",
    "block_of",
    "forgetting",
    "forgotten_warning",
    "is_forgotten",
    "module_of",
    "nearest_removed",
    "removal",
    "removed_blocks",
]


def removal(prior: InstanceState, actual: Object, disruption: Disruption | None, reason: str) -> Change:
    """The deletion of what state has at an address.

    Args:
        prior: what is recorded of it.
        actual: the object as it is.
        disruption: what deleting one of its type costs; None: kvmform has no such type.
        reason: Terraform's `action_reason`.

    Raises:
        DiagnosticError: kvmform has no such type, so it can't delete the object.
    """
    if disruption is None:
        detail = (
            f"{prior.address} is in state, and kvmform has no resource type {prior.address.type} to delete it with. "
            "Delete it with the tool that made it, and take it out of the state there."
        )
        raise DiagnosticError.of("Unknown resource type in state", detail)
    return Change(
        address=prior.address,
        provider=prior.provider,
        action=Action.DELETE,
        before=actual,
        after=None,
        reason=reason,
        disruption=disruption,
        generation=prior.generation,
        seed=prior.seed,
        sensitive=prior.sensitive,
        dependencies=tuple(prior.dependencies),
    )


def forgetting(prior: InstanceState, actual: Object, reason: str, origin: InstanceAddress | None) -> Change:
    """The end of a record whose object stays as it is."""
    return Change(
        address=prior.address,
        provider=prior.provider,
        action=Action.FORGET,
        before=actual,
        after=None,
        reason=reason,
        generation=prior.generation,
        seed=prior.seed,
        previous=origin,
        sensitive=prior.sensitive,
        dependencies=tuple(prior.dependencies),
    )


def forgotten_warning(changes: Iterable[Change]) -> Iterator[Diagnostic]:
    """That nothing looks after some objects any more."""
    names = [str(change.address) for change in changes if change.action is Action.FORGET]
    if names:
        listed = "\n".join(f" - {name}" for name in sorted(names))
        detail = (
            "If you apply this plan, kvmform will discard its tracking information for the following objects, but it "
            f"will not delete them:\n{listed}\n\nAfter applying this plan, kvmform will no longer manage these "
            "objects. You will need to import them to manage them again."
        )
        yield warning("Some objects will no longer be managed by kvmform", detail)


def removed_blocks(root: Module) -> dict[tuple[str, ...], Removed]:
    """`removed` blocks by what they are about, step by step: `("module.lab", "libvirt_pool.images")`."""
    found: dict[tuple[str, ...], Removed] = {}
    for module in root.walk():
        for removed in module.removed:
            source = removed.source
            inside = source if isinstance(source, ModuleAddress) else source.module
            names = tuple(f"module.{name}" for name in (*module.path, *inside.names))
            if isinstance(source, ResourceAddress):
                names = (*names, f"{source.type}.{source.name}")
            found.setdefault(names, removed)
    return found


def is_forgotten(address: InstanceAddress, removed: Mapping[tuple[str, ...], Removed]) -> bool:
    """Whether a `removed` block says that an instance's object stays; the nearest one around it counts."""
    nearest = nearest_removed(address, removed)
    return nearest is not None and not nearest.destroy


def nearest_removed(address: InstanceAddress, removed: Mapping[tuple[str, ...], Removed]) -> Removed | None:
    """The `removed` block that is about an instance: that of its resource, else of a module around it."""
    modules = tuple(f"module.{name}" for name in address.module.names)
    names = (*modules, f"{address.type}.{address.resource.name}")
    found = (removed[names[:length]] for length in range(len(names), 0, -1) if names[:length] in removed)
    return next(found, None)


def block_of(address: InstanceAddress, root: Module) -> ResourceBlock | None:
    """The block that an instance in state comes from, if it is still there; nothing is evaluated."""
    module = module_of(address, root)
    resource = address.resource
    return module.resources.get((resource.mode, resource.type, resource.name)) if module else None


def module_of(address: InstanceAddress, root: Module) -> Module | None:
    """The module that an instance in state is in, if it is still there; nothing is evaluated."""
    module: Module | None = root
    for name, _ in address.module.steps:
        module = module.children.get(name) if module else None
    return module


class RemovalReasons:
    """Why instances that are in state are not in the configuration: Terraform's `action_reason`."""

    def __init__(self, root: Module, evaluation: Evaluation) -> None:
        self._root = root
        self._evaluation = evaluation
        self._modules: dict[ModulePath, frozenset[ModuleAddress]] = {}

    def of(self, address: InstanceAddress, *, is_moved: bool) -> str:
        """The reason for one; `is_moved`: a `moved` block has brought it to this address."""
        block = block_of(address, self._root)
        if block is None:
            return "delete_because_no_move_target" if is_moved else "delete_because_no_resource_config"
        if address.module not in self._instances(address.module.names):
            return "delete_because_no_module"
        match RepetitionKind.of(block.count, block.for_each), address.key:
            case RepetitionKind.COUNT, int():
                return "delete_because_count_index"
            case RepetitionKind.EACH, str():
                return "delete_because_each_key"
        return "delete_because_wrong_repetition"

    def _instances(self, path: ModulePath) -> frozenset[ModuleAddress]:
        """The instances that a module has."""
        if path not in self._modules:
            found: list[ModuleInstance] = []
            with suppress(DiagnosticError):  # How often a module is there is wrong; that is told elsewhere.
                found = self._evaluation.module_instances(path)
            self._modules[path] = frozenset(each.address for each in found)
        return self._modules[path]
