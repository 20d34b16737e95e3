"""The composition root, and the public Python API: load, plan, apply.

    with Workspace(Surroundings(directory=Path("lab"))) as workspace:
        planning = workspace.plan(PlanOptions())
        report = workspace.apply(planning.plan, print)

The stages of one run, in order: **load** reads the directory into declarations (config);
**refresh** reads what state knows from the hosts (resources, host); **plan** compares
configuration, state and reality into a Plan, which is data (plan); **preflight** asks the
resource types whether the hosts will take it; **apply** walks the plan's steps and journals
each (apply, state). Nothing flows back but through the state file and libvirt itself.
"""

from kvmform.workspace.surroundings import ApplyOptions, PlanOptions, Surroundings
from kvmform.workspace.workspace import Workspace

__all__ = ["ApplyOptions", "PlanOptions", "Surroundings", "Workspace"]
