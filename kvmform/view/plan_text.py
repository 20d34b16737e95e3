"""A plan for people, made from its JSON form: every change, what it costs, and the sum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kvmform.values.model import UNKNOWN
from kvmform.view.masks import covered, mask_of
from kvmform.view.style import Style
from kvmform.view.value_text import UNKNOWN_TEXT, value_text

__all__ = ["plan_text"]

_SYMBOLS = {
    ("no-op",): ("dim", "   "),
    ("create",): ("create", "  +"),
    ("read",): ("read", " <="),
    ("update",): ("update", "  ~"),
    ("delete",): ("delete", "  -"),
    ("delete", "create"): ("delete", "-/+"),
    ("create", "delete"): ("delete", "+/-"),
    ("forget",): ("read", "  ."),
}
_TITLES = {
    ("no-op",): "is noted",
    ("create",): "will be created",
    ("read",): "will be read during apply",
    ("update",): "will be updated in-place",
    ("delete",): "will be destroyed",
    ("delete", "create"): "must be replaced",
    ("create", "delete"): "must be replaced",
    ("forget",): "will no longer be managed by {product}, but will not be destroyed",
}
_LEGEND = {
    ("create",): "  + create",
    ("update",): "  ~ update in-place",
    ("delete",): "  - destroy",
    ("delete", "create"): "-/+ destroy and then create replacement",
    ("create", "delete"): "+/- create replacement and then destroy",
    ("read",): " <= read (data resources)",
    ("forget",): "  . forget",
}
_REASONS = {
    "delete_because_no_resource_config": "because {address} is not in configuration",
    "delete_because_no_move_target": "because {previous} was moved to {address}, which is not in configuration",
    "delete_because_no_module": "because the instance of its module is not in configuration",
    "delete_because_count_index": "because its index is out of range for count",
    "delete_because_each_key": "because its key is not in the for_each map",
    "delete_because_wrong_repetition": "because the resource repeats in another way now",
    "read_because_config_unknown": "config refers to values not yet known",
    "read_because_dependency_pending": "depends on a resource or a module with changes pending",
}
_TOTALS = {
    "none": "No existing guest or data is touched.",
    "live": "No guest is rebooted, no data is lost.",
    "next-boot": "No guest is rebooted; some changes take effect at the next boot. No data is lost.",
    "interrupt": "Guests keep running but may lose their network, or pause, for a moment. No data is lost.",
    "reboot": "Guests are shut down gracefully and started again. No data is lost.",
    "replace": "Objects are deleted. No user data is lost.",
    "data-loss": "DATA IS LOST: what was written to disks is deleted.",
}


def plan_text(document: Mapping[str, Any], style: Style) -> str:
    """The whole plan; made from what :func:`kvmform.view.plan_json.changes_document` gives."""
    changes = [c for c in document["resource_changes"] if c["change"]["actions"] != ["no-op"] or _is_noted(c)]
    outputs = {n: c for n, c in document["output_changes"].items() if c["actions"] != ["no-op"]}
    parts = [_drift_text(document["resource_drift"], style)] if document["resource_drift"] else []
    if not changes and not outputs:
        return "".join(parts) + _nothing_text(document, style)
    if changes:
        parts.append(_legend(changes))
        parts.append(f"{style.product.name} will perform the following actions:\n\n")
        parts.extend(f"{_change_text(change, style)}\n" for change in changes)
        parts.append(_summary(changes, document["disruption"], style))
    if outputs:
        parts.append(f"{style('bold', 'Changes to Outputs:')}\n{_outputs_text(outputs, style)}\n")
    if not changes:
        parts.append(
            "You can apply this plan to save these new output values to the state, without changing any real objects.\n"
        )
    return "".join(parts)


def _nothing_text(document: Mapping[str, Any], style: Style) -> str:
    if document["mode"] == "destroy":
        return f"{style('good', 'No changes.')} {style('bold', 'No objects need to be destroyed.')}\n"
    if document["mode"] == "refresh-only" and document["applyable"]:
        return f"This is a refresh-only plan, so {style.product.name} will only note in state what is shown above.\n"
    title = f"{style('good', 'No changes.')} {style('bold', 'Your infrastructure matches the configuration.')}"
    return f"{title}\n\nWhat is there has been compared with the configuration and found no differences.\n"


def _legend(changes: list[Mapping[str, Any]]) -> str:
    used = {tuple(change["change"]["actions"]) for change in changes} & _LEGEND.keys()
    if not used:
        return ""
    lines = "\n".join(line for actions, line in _LEGEND.items() if actions in used)
    return f"Resource actions are indicated with the following symbols:\n{lines}\n\n"


def _change_text(change: Mapping[str, Any], style: Style) -> str:
    actions = tuple(change["change"]["actions"])
    name, symbol = _SYMBOLS[actions]
    body = {
        ("create",): _created,
        ("read",): _created,
        ("delete",): _deleted,
    }.get(actions, _edited)(change["change"], style)
    mode = "data" if change["mode"] == "data" else "resource"
    head = f'{style(name, symbol)} {mode} "{change["type"]}" "{change["name"]}" {{'
    lines = [_title(change, actions, style), *_reason(change), head, *body, "    }"]
    return "\n".join(lines) + "\n"


def _title(change: Mapping[str, Any], actions: tuple[str, ...], style: Style) -> str:
    title, address = _TITLES[actions], change["address"]
    if "deposed" in change:
        address = f"{address} (deposed object {change['deposed']})"
    if actions == ("no-op",):
        title = "will be imported"
        if not change["change"].get("importing"):
            title, address = f"has moved to {address}", change["previous_address"]
    match change.get("action_reason"):
        case "replace_because_tainted":
            title = "is tainted, so must be replaced"
        case "replace_by_request":
            title = "will be replaced, as requested"
        case "replace_by_triggers":
            title = "will be replaced due to changes in replace_triggered_by"
    disruption = change["change"]["disruption"]
    cost = f"  [{disruption}]" if disruption != "none" else ""
    color = {"replace": "delete", "data-loss": "error", "reboot": "update"}.get(disruption, "dim")
    text = f"# {address} {title.format(product=style.product.name)}"
    return f"  {style('bold', text)}{style(color, cost)}"


def _reason(change: Mapping[str, Any]) -> Iterator[str]:
    if change["change"].get("resumes"):
        yield "  # (an earlier apply did not finish creating it; this one goes on from what is there)"
    said = _REASONS.get(change.get("action_reason", ""))
    if change["change"]["actions"] == ["forget"]:
        yield "  # (destroy = false is set in the configuration)"
    elif said:
        yield f"  # ({said.format(address=change['address'], previous=change.get('previous_address'))})"
    if change["change"]["actions"] == ["no-op"]:
        return
    if "previous_address" in change:
        yield f"  # (moved from {change['previous_address']})"
    if importing := change["change"].get("importing"):
        yield f'  # (imported from "{importing["id"]}")'


def _is_noted(change: Mapping[str, Any]) -> bool:
    """Whether state is told something of an object that stays as it is."""
    return "previous_address" in change or "importing" in change["change"]


def _created(change: Mapping[str, Any], style: Style) -> Iterator[str]:
    values = _with_unknown(change["after"] or {}, change["after_unknown"])
    yield from _attribute_lines(values, change["after_sensitive"] or {}, style("create", "+"))


def _deleted(change: Mapping[str, Any], style: Style) -> Iterator[str]:
    yield from _attribute_lines(change["before"] or {}, change["before_sensitive"] or {}, style("delete", "-"))


def _with_unknown(values: Mapping[str, Any], unknown: Any) -> dict[str, Any]:
    """The values with `Unknown` where the mask says so."""
    if not isinstance(unknown, Mapping):
        return dict(values)
    merged = dict(values)
    for name, mask in unknown.items():
        match mask, merged.get(name):
            case True, _:
                merged[name] = UNKNOWN
            case list(), list(items):
                merged[name] = [
                    UNKNOWN if m is True else _with_unknown(item, m) if isinstance(item, dict) else item
                    for item, m in zip(items, mask, strict=True)
                ]
            case Mapping(), dict(inner):
                merged[name] = _with_unknown(inner, mask)
    return merged


def _attribute_lines(values: Mapping[str, Any], sensitive: Any, symbol: str, indent: int = 6) -> Iterator[str]:
    """Attributes first, aligned, then blocks (lists of objects), as in a configuration."""
    pad = " " * indent
    plain = {n: v for n, v in sorted(values.items()) if v not in (None, [], {}) and not _is_block(v)}
    width = max(map(len, plain), default=0)
    for name, value in plain.items():
        text = value_text(covered(value, mask_of(sensitive, name)), indent + 2)
        yield f"{pad}{symbol} {name:<{width}} = {text}"
    for name, value in sorted(values.items()):
        if _is_block(value):
            for index, item in enumerate(value):
                yield ""
                yield f"{pad}{symbol} {name} {{"
                yield from _attribute_lines(item, mask_of(mask_of(sensitive, name), index), symbol, indent + 4)
                yield f"{pad}  }}"


def _is_block(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _edited(change: Mapping[str, Any], style: Style) -> Iterator[str]:
    for edit in change["edits"]:
        yield from _edit_lines(edit, style)
    unchanged = len([v for v in (change["before"] or {}).values() if v not in (None, [])]) - len(
        {edit["path"][0] for edit in change["edits"]}
    )
    if unchanged > 0:
        plural = "s" if unchanged != 1 else ""
        yield style("dim", f"        # ({unchanged} unchanged argument{plural} hidden)")


def _edit_lines(edit: Mapping[str, Any], style: Style) -> Iterator[str]:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in edit["path"])[1:]
    note = _note(edit, style)
    after = UNKNOWN if edit["after_unknown"] is True else edit["after"]
    if edit["sensitive"]:
        yield f"      {style('update', '~')} {path} = (sensitive value){note}"
    elif edit["before"] is None and isinstance(after, dict):
        yield f"      {style('create', '+')} {path} {{{note}"
        yield from _attribute_lines(_with_unknown(after, edit["after_unknown"]), {}, style("create", "+"), 10)
        yield "        }"
    elif after is None and isinstance(edit["before"], dict):
        yield f"      {style('delete', '-')} {path} {{{note}"
        yield from _attribute_lines(edit["before"], {}, style("delete", "-"), 10)
        yield "        }"
    else:
        symbol = style("create", "+") if edit["before"] is None else style("update", "~")
        new = UNKNOWN_TEXT if after is UNKNOWN else value_text(after, 8)
        yield f"      {symbol} {path} = {value_text(edit['before'], 8)} -> {new}{note}"


def _note(edit: Mapping[str, Any], style: Style) -> str:
    disruption, reason = edit.get("disruption", "none"), edit.get("reason", "")
    if edit.get("replaces"):
        because = f" ({reason})" if reason else ""
        return style("delete", f"  # forces replacement{because}")
    if disruption == "none" and not reason:
        return ""
    return style("dim", f"  # {disruption}{': ' + reason if reason else ''}")


def _summary(changes: list[Mapping[str, Any]], disruption: str, style: Style) -> str:
    actions = [tuple(change["change"]["actions"]) for change in changes]
    replaced = actions.count(("delete", "create")) + actions.count(("create", "delete"))
    added = actions.count(("create",)) + replaced
    changed = actions.count(("update",))
    destroyed = actions.count(("delete",)) + replaced
    imported = len([change for change in changes if "importing" in change["change"]])
    line = f"{imported} to import, " if imported else ""
    line += f"{added} to add, {changed} to change, {destroyed} to destroy."
    color = {"data-loss": "error", "replace": "delete"}.get(disruption, "dim")
    cost = style(color, f"Disruption: {disruption}. {_TOTALS[disruption]}")
    return f"{style('bold', 'Plan:')} {line}\n{cost}\n\n"


def _outputs_text(outputs: Mapping[str, Any], style: Style) -> str:
    width = max(map(len, outputs))
    lines = []
    for name, change in outputs.items():
        action = change["actions"][0]
        symbol = style(action, {"create": "+", "update": "~", "delete": "-"}[action])
        after = UNKNOWN_TEXT if change["after_unknown"] is True else value_text(change["after"], 4)
        if isinstance(change["after_unknown"], list | dict) and change["after_unknown"]:
            merged = _with_unknown({"": change["after"]}, {"": change["after_unknown"]})[""]
            after = value_text(merged, 4)
        if change["after_sensitive"]:
            text = "(sensitive value)"
        elif action == "create":
            text = after
        else:
            text = f"{value_text(change['before'], 4)} -> {after}"
        lines.append(f"  {symbol} {name:<{width}} = {text}")
    return "\n".join(lines) + "\n"


def _drift_text(drift: list[Mapping[str, Any]], style: Style) -> str:
    lines = [style("bold", f"Note: Objects have changed outside of {style.product.name}"), ""]
    for change in drift:
        gone = change["change"]["actions"] == ["delete"]
        lines.append(f"  # {change['address']} {'has been deleted' if gone else 'has changed'}")
        if not gone:
            for edit in change["change"]["edits"]:
                lines.extend(_edit_lines({**edit, "disruption": "none", "reason": "", "replaces": False}, style))
        lines.append("")
    lines += ["Unless you have made equivalent changes to your configuration, the plan below undoes them.", ""]
    lines += ["─" * 77, "", ""]
    return "\n".join(lines)
