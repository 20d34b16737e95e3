"""The composition root, and the public Python API: load, plan, apply.

    with Workspace(Surroundings(directory=Path("lab"))) as workspace:
        planning = workspace.plan(PlanOptions())
        report = workspace.apply(planning.plan, print)

The stages of one run, in order: **load** reads the directory into declarations (config);
**refresh** reads what state knows from the hosts (resources, host); **plan** compares
configuration, state and reality into a Plan, which is data (plan); **preflight** asks the
resource types whether the hosts will take it; a **second look** asks again, where a plan has
waited since; **apply** walks its steps and journals each (apply, state); **verify** plans once
more, where that is wanted. Nothing flows back but through the state file and libvirt itself.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kvmform.workspace.options import ApplyOptions, PlanOptions
    from kvmform.workspace.surroundings import Surroundings
    from kvmform.workspace.workspace import Workspace

__all__ = ["ApplyOptions", "PlanOptions", "Surroundings", "Workspace"]

_MODULES = {
    "ApplyOptions": "options",
    "PlanOptions": "options",
    "Surroundings": "surroundings",
    "Workspace": "workspace",
}


def __getattr__(name: str) -> object:
    """Import what is asked for, and nothing else: most commands plan nothing and apply nothing."""
    from importlib import import_module

    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"kvmform.workspace.{_MODULES[name]}"), name)
