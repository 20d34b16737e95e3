"""What a resource type promises: rows, blocks, change policy, the protocol. No libvirt."""

from kvmform.schema.disruption import Disruption, Effect
from kvmform.schema.identity import Identity
from kvmform.schema.likeness import Likeness
from kvmform.schema.match import completed, pair_elements
from kvmform.schema.resource_type import (
    Check,
    CheckAll,
    Claim,
    DataSource,
    Observed,
    Operation,
    Portrait,
    Progress,
    Proposal,
    Reading,
    ResourceType,
)
from kvmform.schema.row import (
    Block,
    Edit,
    EditContext,
    Object,
    Path,
    Plain,
    Policy,
    Problem,
    Row,
    Rule,
    Schema,
    empty_object,
)

__all__ = [
    "Block",
    "Check",
    "CheckAll",
    "Claim",
    "DataSource",
    "Disruption",
    "Edit",
    "EditContext",
    "Effect",
    "Identity",
    "Likeness",
    "Object",
    "Observed",
    "Operation",
    "Path",
    "Plain",
    "Policy",
    "Portrait",
    "Problem",
    "Progress",
    "Proposal",
    "Reading",
    "ResourceType",
    "Row",
    "Rule",
    "Schema",
    "completed",
    "empty_object",
    "pair_elements",
]
