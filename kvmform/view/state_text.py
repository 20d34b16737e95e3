"""The state for people: what `show` and `state show` print, in Terraform's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvmform.state.model import InstanceState, OutputValue, State, Status
from kvmform.view.differences import NO_NOTES, Pair, body_difference, difference, rows_of
from kvmform.view.drawing import Page, body_lines, value_lines
from kvmform.view.dynamic_values import bare_object
from kvmform.view.escapes import harmless
from kvmform.view.known_schema import secrets_of
from kvmform.view.masks import sensitive_mask
from kvmform.view.style import Style

__all__ = ["instance_text", "state_text"]

_NOTES = {
    Status.OK: "",
    Status.TAINTED: " (tainted)",
    Status.CREATING: " (not finished: the next apply continues)",
}
_PAGE = Page(Style(color=False), symbols=False, whole=True)


def state_text(state: State, *, show_sensitive: bool = False) -> str:
    """Every instance, then the outputs."""
    parts = [instance_text(instance, show_sensitive=show_sensitive) for instance in state.objects()]
    if not parts and not state.outputs:
        return "The state file is empty. No resources are represented."
    if state.outputs:
        outputs = "\n".join(_output_lines(state.outputs, show_sensitive=show_sensitive))
        blank = "\n" if parts else "\n\n"
        parts.append(f"{blank}Outputs:\n\n{outputs}")
    return "\n\n".join(parts)


def instance_text(instance: InstanceState, *, show_sensitive: bool = False) -> str:
    """One instance as a resource block with all that is recorded of it."""
    address = instance.address
    mode = address.resource.mode
    attributes = bare_object(address.resource, instance.attributes)
    mask = False if show_sensitive else sensitive_mask(attributes, secrets_of(instance))
    tree = body_difference(Pair(attributes, attributes, mask, mask), rows_of(mode, address.type), NO_NOTES)
    note = f" (deposed object {instance.deposed})" if instance.deposed else _NOTES[instance.status]
    word = "data" if mode == "data" else "resource"
    first, *rest = body_lines(tree, 0, _PAGE)
    title = f"# {harmless(str(address))}:{note}"
    return "\n".join([title, f'{word} "{address.type}" "{address.resource.name}" {first}', *rest])


def _output_lines(outputs: Mapping[str, OutputValue], *, show_sensitive: bool) -> Iterator[str]:
    for name, output in sorted(outputs.items()):
        hidden = output.sensitive and not show_sensitive
        pair = Pair(output.value, output.value, hidden, hidden)
        first, *rest = value_lines(difference(pair, output.type), 0, _PAGE)
        yield f"{name} = {first}"
        yield from rest
