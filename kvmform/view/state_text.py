"""The state for people: what `show` and `state show` print."""

from __future__ import annotations

from kvmform.schema import Plain
from kvmform.state.model import InstanceState, State, Status
from kvmform.view.dynamic_values import bare_object
from kvmform.view.outputs import output_text
from kvmform.view.value_text import attributes_text

__all__ = ["instance_text", "state_text"]

_NOTES = {
    Status.OK: "",
    Status.TAINTED: " (tainted: will be replaced)",
    Status.CREATING: " (not finished: the next apply continues)",
}


def state_text(state: State) -> str:
    """Every instance, then the outputs."""
    parts = [instance_text(instance) for instance in state.objects()]
    if state.outputs:
        parts.append(f"Outputs:\n\n{output_text(state.outputs)}")
    return "\n\n".join(parts) if parts else "The state file is empty. No resources are represented."


def instance_text(instance: InstanceState) -> str:
    """One instance as a resource block with all that is recorded of it."""
    address = instance.address
    word = "data" if address.resource.mode == "data" else "resource"
    attributes = bare_object(address.resource, instance.attributes)
    shown = {name: _hide(value, name, instance) for name, value in sorted(attributes.items())}
    body = attributes_text({name: value for name, value in shown.items() if value not in (None, [])}, 4)
    title = f"# {address}:{_NOTES[instance.status]}"
    return f'{title}\n{word} "{address.type}" "{address.resource.name}" {{\n{body}\n}}'


def _hide(value: Plain, name: str, instance: InstanceState) -> Plain:
    return "(sensitive value)" if any(path[:1] == (name,) for path in instance.sensitive) else value
