"""The plan as data: frozen, and the same after a round trip through JSON (plan/planfile).

It has several readers, none of which decides anything: apply carries it out, view shows
it, guard refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from kvmform.address import InstanceAddress
from kvmform.schema import Disruption, Effect, Identity, Object, Path, Plain
from kvmform.struct import Struct
from kvmform.values.types import DYNAMIC, Type

__all__ = [
    "Action",
    "Change",
    "CheckResult",
    "CheckedObject",
    "Drift",
    "Gate",
    "Mode",
    "OutputChange",
    "Plan",
    "PlannedEdit",
    "Recorded",
    "Step",
    "Verb",
]


class Action(StrEnum):
    """What happens to a resource instance."""

    NO_OP = "no-op"
    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    FORGET = "forget"
    """Dropped from state; the object stays as it is."""


class Mode(StrEnum):
    """What a plan is for."""

    NORMAL = "normal"
    DESTROY = "destroy"
    REFRESH_ONLY = "refresh-only"


class PlannedEdit(Struct):
    """One attribute or block that differs, and what making it so does."""

    path: Path
    before: Plain
    after: Plain
    effect: Effect


class Recorded(Struct):
    """What state says of an object beside its attributes."""

    dependencies: tuple[str, ...] = ()
    sensitive: frozenset[Path] = frozenset()
    tainted: bool = False


class Change(Struct, kw_only=True):
    """What the plan has for one resource instance.

    `before` is the object as it really is (None: there is none); `after` as it shall be,
    with `Unknown` leaves for what is known after apply. `reason` is Terraform's
    `action_reason`, or empty. `dependencies` are the instances, or whole resources, whose
    values it uses, as addresses in text; they go into state.
    """

    address: InstanceAddress
    provider: str
    action: Action
    before: Object | None
    after: Object | None
    reason: str = ""
    edits: tuple[PlannedEdit, ...] = ()
    disruption: Disruption = Disruption.NONE
    generation: int = 0
    seed: str = ""
    """What the identity is derived from in place of the address, or empty."""
    previous: InstanceAddress | None = None
    """The address under which it is recorded, where that is another one."""
    new_first: bool = False
    """A replacement that makes the new object before it deletes the old one."""
    deposed: str = ""
    """The key of an object that another took the place of, and that is still to be deleted."""
    importing: str = ""
    """How the configuration names the object that is to be recorded, or empty."""
    generated: str = ""
    """The block that was generated for an object that is imported, or empty."""
    resumes: bool = False
    """A create that continues where an interrupted one stopped."""
    sensitive: frozenset[Path] = frozenset()
    dependencies: tuple[str, ...] = ()
    recorded: Recorded | None = None
    """None: it is not in state yet."""

    @property
    def is_idle(self) -> bool:
        """Whether apply has no step for it. What a check reads is read when the check is evaluated."""
        stays = self.action is Action.NO_OP and self.previous is None and not self.importing
        return stays or self.is_nested

    @property
    def is_nested(self) -> bool:
        """Whether it is a data source that a check block has for itself."""
        return self.reason == "read_because_check_nested"

    @property
    def key(self) -> str:
        """What steps call it: its address; there can be one more for each object that still has to go."""
        return f"{self.address} (deposed {self.deposed})" if self.deposed else str(self.address)

    def identity(self, lineage: str) -> Identity:
        """Who the object is, or will be: a moved one is who it was."""
        return Identity(lineage, self.seed or str(self.address), self.generation)

    @property
    def replaces(self) -> bool:
        """Whether the object is deleted and made again."""
        return self.action is Action.REPLACE

    @property
    def replace_paths(self) -> tuple[Path, ...]:
        """The attributes that force the replacement."""
        if not self.replaces:
            return ()
        return tuple(edit.path for edit in self.edits if edit.effect.replaces)


class Drift(Struct):
    """An object that differs from its record: as the state has it, and as it is (None: gone).

    `is_shown` is false where nobody changed anything: what moves by itself, and what an
    interrupted create never made. State is brought up to date all the same.
    """

    address: InstanceAddress
    before: Object
    after: Object | None
    edits: tuple[PlannedEdit, ...] = ()
    is_shown: bool = True
    sensitive: frozenset[Path] = frozenset()
    provider: str = ""


class OutputChange(Struct):
    """An output value of the root module; None is null, `after` may be or contain `Unknown`.

    `exists_before`/`exists_after` tell a null from an output that isn't there.
    """

    name: str
    before: Plain
    after: Plain
    type: Type
    sensitive: bool = False
    exists_before: bool = True
    exists_after: bool = True
    type_before: Type = DYNAMIC
    sensitive_before: bool = False

    @property
    def hides(self) -> bool:
        """Whether it is, or was, sensitive."""
        return self.sensitive or self.sensitive_before

    @property
    def action(self) -> Action:
        """Whether it comes, goes, differs, or stays."""
        if not self.exists_before:
            return Action.CREATE
        if not self.exists_after:
            return Action.DELETE
        return Action.NO_OP if self.before == self.after else Action.UPDATE


class CheckedObject(Struct):
    """How the conditions of an object turned out: pass, fail, unknown or error; `messages` of what failed."""

    address: str
    status: str
    messages: tuple[str, ...] = ()


class CheckResult(Struct):
    """How everything turned out that one block demands: a `check`, a `resource`, an `output` or a `var`.

    `address` is that of the block, without keys. `objects` is None where nothing was checked.
    """

    kind: str
    address: str
    status: str
    objects: tuple[CheckedObject, ...] | None


class Verb(StrEnum):
    """What a step does with its instance."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    FORGET = "forget"
    IMPORT = "import"
    """The object that is there is recorded, and marked."""
    MOVE = "move"
    """Only its address is another one: it is marked with that."""
    JOIN = "join"
    """Nothing: stands for all steps of a resource, so that edges stay few."""


class Step(Struct):
    """One thing to do, once the steps that it needs (by number) are done."""

    number: int
    verb: Verb
    address: str
    needs: tuple[int, ...] = ()


class Gate(Struct):
    """Something that a plan must not do.

    `name` is `deny`, `max-disruption` or `max-delete`; `value` what it says of that (`replace`, `reboot`, `20%`);
    `said` how somebody said so (`-deny=replace`, `KVMFORM_DENY=replace`).
    """

    name: str
    value: str
    said: str


class Plan(Struct, kw_only=True):
    """Everything that apply needs to know, and everything that it may do."""

    mode: Mode
    lineage: str
    serial: int
    """Serial of the state that the plan was made from; apply refuses another one."""
    journal: int
    """Length of the journal that an interrupted run had left beside that state, or 0; apply refuses another one."""
    timestamp: str
    """When it was made, RFC 3339 in UTC."""
    variables: Mapping[str, Plain]
    ephemeral: tuple[str, ...] = ()
    """Names of the ephemeral variables that had a value; apply needs them again, since a plan must not keep them."""
    changes: tuple[Change, ...]
    """One for each instance of configuration or state, no-ops too, in natural order."""
    steps: tuple[Step, ...]
    drift: tuple[Drift, ...] = ()
    outputs: tuple[OutputChange, ...] = ()
    targets: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    beside: tuple[Change, ...] = ()
    """What a plan of a part leaves as it is; nobody acts on it."""
    outputs_beside: tuple[OutputChange, ...] = ()
    """The outputs that such a plan leaves as they are."""
    obsolete: tuple[InstanceAddress, ...] = ()
    """Data sources that are in state and not read any more."""
    moves: tuple[tuple[InstanceAddress, InstanceAddress], ...] = ()
    """What is recorded under another address from now on: before and after."""
    refreshed: bool = True
    """Whether it saw the objects themselves; else it took the state's word for them (`-refresh=false`)."""
    managed: int = 0
    """How many objects the state has."""
    gates: tuple[Gate, ...] = ()
    """What it must not do; apply refuses a plan that does (plan/gates)."""

    @property
    def is_partial(self) -> bool:
        """Whether it is about a part of the lab only."""
        return bool(self.targets or self.excluded)

    @property
    def disruption(self) -> Disruption:
        """The worst class of all changes."""
        return max((change.disruption for change in self.changes), default=Disruption.NONE)

    def counts(self) -> tuple[int, int, int]:
        """How many objects are added, changed and destroyed; a replacement adds and destroys."""
        actions = [change.action for change in self.changes]
        replaced = actions.count(Action.REPLACE)
        return (
            actions.count(Action.CREATE) + replaced,
            actions.count(Action.UPDATE),
            actions.count(Action.DELETE) + replaced,
        )

    @property
    def imported(self) -> int:
        """How many objects are recorded that are there already."""
        return len([change for change in self.changes if change.importing])

    @property
    def changes_objects(self) -> bool:
        """Whether apply would make, change, delete or forget any object."""
        return any(change.action not in {Action.NO_OP, Action.READ} for change in self.changes)

    @property
    def is_applyable(self) -> bool:
        """Whether apply has anything to do, outputs and noticed drift included."""
        outputs = any(output.action is not Action.NO_OP for output in self.outputs)
        drift = self.mode is Mode.REFRESH_ONLY and bool(self.drift)
        return self.changes_objects or outputs or drift or bool(self.moves) or bool(self.imported)
