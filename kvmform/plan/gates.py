"""Gates: what a plan must not do, said by whoever runs it, or for all who do in the environment.

    -deny=delete,replace      no change of these actions or disruption classes
    -max-disruption=reboot    no change that disrupts more
    -max-delete=20%           no more objects deleted or replaced than so many, or such a share of those in state

A plan carries its gates (:class:`kvmform.plan.change.Gate`), and what goes beyond them is worked out from
it alone, so that a saved one is refused by whoever applies it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvmform.config.module import Module
from kvmform.diagnostics import Diagnostic, DiagnosticError, error
from kvmform.lang.suggestion import did_you_mean
from kvmform.plan.cause import cause
from kvmform.plan.change import Action, Change, Gate, Mode, Plan
from kvmform.plan.removal import block_of
from kvmform.schema import Disruption
from kvmform.struct import Struct

__all__ = ["Refusal", "deletions", "parse_gates", "refusals", "reject_refused"]

_ACTIONS = tuple(each.value for each in Action if each not in {Action.NO_OP, Action.READ})
_CLASSES = tuple(each.value for each in Disruption if each is not Disruption.NONE)
_DELETING = frozenset({Action.DELETE, Action.REPLACE})
_LISTED = 20
"""How many refused changes are told one by one, and how many deletions where there are too many."""
_WILL_BE = {
    Action.CREATE: "created",
    Action.UPDATE: "changed",
    Action.DELETE: "deleted",
    Action.REPLACE: "replaced",
    Action.FORGET: "forgotten",
}


class Refusal(Struct):
    """That a change, or (None) the plan as a whole, goes beyond gates; `why` is a full sentence."""

    change: Change | None
    gates: tuple[Gate, ...]
    why: str

    @property
    def said(self) -> str:
        """How the gates were said: `-deny=delete and KVMFORM_DENY=delete`."""
        return " and ".join(gate.said for gate in self.gates)


def parse_gates(name: str, text: str, source: str) -> Iterator[Gate]:
    """The gates that a text means; `source` is the flag, or the variable of the environment, that it stands in.

    Raises:
        DiagnosticError: it means none.
    """
    match name:
        case "deny":
            for word in (part.strip() for part in text.split(",")):
                _check_word(word, source)
                yield Gate(name, word, f"{source}={word}")
        case "max-disruption":
            _check_class(text, source)
            yield Gate(name, text, f"{source}={text}")
        case "max-delete":
            if not re.fullmatch(r"\d+%?", text, re.ASCII):
                detail = (
                    f"{source} takes how many objects may be deleted or replaced (5), or which share of those in state "
                    f'(20%); "{text}" is neither.'
                )
                raise DiagnosticError.of("Invalid number of deletions", detail)
            yield Gate(name, text, f"{source}={text}")


def _check_word(word: str, source: str) -> None:
    if word not in _ACTIONS + _CLASSES:
        classes = [each for each in _CLASSES if each not in _ACTIONS]
        detail = (
            f"{source} takes actions ({', '.join(_ACTIONS)}) and disruption classes ({', '.join(classes)}), with "
            f'commas between them; "{word}" is neither.{did_you_mean(word, _ACTIONS + _CLASSES)}'
        )
        raise DiagnosticError.of("Invalid action or disruption class", detail)


def _check_class(text: str, source: str) -> None:
    known = [member.value for member in Disruption]
    if text not in known:
        detail = f'{source}: "{text}" is no disruption class. They are, from the mildest: {", ".join(known)}.'
        raise DiagnosticError.of("Invalid disruption class", detail)


def refusals(plan: Plan) -> list[Refusal]:
    """What of a plan goes beyond its gates: the plan as a whole, then each change."""
    whole = [each for gate in plan.gates if gate.name == "max-delete" for each in _too_many(plan, gate)]
    found = ((change, tuple(gate for gate in plan.gates if _is_broken(gate, change))) for change in plan.changes)
    return [*whole, *(Refusal(change, gates, _why(change)) for change, gates in found if gates)]


def reject_refused(plan: Plan, root: Module) -> None:
    """Refuse a plan that goes beyond its gates; `root` is the configuration that it was made from.

    Raises:
        DiagnosticError: with each change that does, and where it is declared; of very many the last ones by lines.
    """
    if found := refusals(plan):
        told = [_diagnostic(each, plan, root) for each in found[:_LISTED]]
        if rest := found[_LISTED:]:
            lines = "".join(f"\n - {each.why} {each.said} does not allow that." for each in rest)
            told.append(error("Changes refused", f"{len(rest)} more changes are refused:{lines}"))
        raise DiagnosticError(*told)


def deletions(plan: Plan) -> list[Change]:
    """The changes that delete an object of the state, those that make another one in its place too."""
    return [change for change in plan.changes if change.action in _DELETING]


def _is_broken(gate: Gate, change: Change) -> bool:
    match gate.name:
        case "deny":
            return gate.value in _words(change)
        case "max-disruption":
            return change.disruption > Disruption(gate.value)
    return False


def _words(change: Change) -> set[str]:
    """The action and the disruption classes of a change. The class `replace` is no word of a deletion."""
    if change.action is Action.NO_OP:
        return set()
    classes = {change.disruption, *(edit.effect.disruption for edit in change.edits)}
    return {change.action.value, *(each.value for each in classes if each is not Disruption.REPLACE)}


def _too_many(plan: Plan, gate: Gate) -> Iterator[Refusal]:
    found, limit = len(deletions(plan)), int(gate.value.removesuffix("%"))
    too_many = found * 100 > limit * plan.managed if gate.value.endswith("%") else found > limit
    if too_many:
        objects = f"{plan.managed} object{'s' if plan.managed != 1 else ''}"
        why = f"This plan deletes or replaces {found} of the {objects} in the state"
        share = f" ({found * 100 / plan.managed:.0f}%)" if plan.managed else ""
        yield Refusal(None, (gate,), f"{why}{share}.")


def _why(change: Change) -> str:
    reason = cause(change)
    disruption = change.disruption.value
    costs = f", with the disruption {disruption}" if change.disruption is not Disruption.NONE else ""
    return f"{change.key} would be {_WILL_BE[change.action]}{costs}{': ' + reason if reason else ''}."


def _diagnostic(refusal: Refusal, plan: Plan, root: Module) -> Diagnostic:
    change = refusal.change
    if change is None:
        return error("Too many deletions", f"{refusal.why} {refusal.said} does not allow that:\n{_listed(plan, root)}")
    block = block_of(change.address, root)
    undo = "undo the change, or " if block is not None else "put it back into the configuration, or "
    ends = plan.mode is Mode.DESTROY or change.deposed
    detail = (
        f"{refusal.why} {refusal.said} does not allow that. To go on, {'' if ends else undo}leave it out of the plan "
        "with -exclude, or have the gate opened by those who set it."
    )
    return error("Change refused", detail, block.range if block else None, address=str(change.address))


def _listed(plan: Plan, root: Module) -> str:
    found = deletions(plan)
    lines = [f" - {_place(change, root)}" for change in found[:_LISTED]]
    if len(found) > _LISTED:
        lines.append(f" - and {len(found) - _LISTED} more")
    return "\n".join(lines)


def _place(change: Change, root: Module) -> str:
    block, reason = block_of(change.address, root), cause(change)
    place = f" ({block.range.filename}:{block.range.first.line})" if block else ""
    return f"{change.key}{place} is {_WILL_BE[change.action]}{': ' + reason if reason else ''}"
