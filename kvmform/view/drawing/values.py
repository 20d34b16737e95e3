"""Values as lines: the first of them goes on after what is written already, the others begin at the margin.

Source of the form: what Terraform 1.11 prints; internal/command/jsonformat/computed/renderers of it.
"""

from __future__ import annotations

from kvmform.view.columns import cell_width
from kvmform.view.differences import Hidden, Keyed, Listed, Mark, Node, Pending, Scalar, Turned
from kvmform.view.drawing.page import Page
from kvmform.view.drawing.scalars import scalar_lines
from kvmform.view.escapes import name_text, quoted

__all__ = ["IMPORTANT", "entry_lines", "padded", "unknown_text", "value_lines", "warning_lines"]

IMPORTANT = frozenset({"id", "name", "tags"})
"""What is always shown, so that one knows what it is about."""
_UNKNOWN = "(known after apply)"
_SENSITIVE = "(sensitive value)"


def value_lines(node: Node, depth: int, page: Page) -> list[str]:
    """The lines of any value but a block."""
    match node:
        case Scalar():
            return scalar_lines(node, depth, page, value_lines)
        case Keyed():
            return _keyed_lines(node, depth, page)
        case Listed():
            return _listed_lines(node, depth, page)
        case Hidden():
            return [f"{_SENSITIVE}{page.null(node)}{page.note(node)}"]
        case Pending():
            before = value_lines(node.before, depth, page.without_null()) if node.before is not None else [""]
            return [*before[:-1], f"{before[-1]}{unknown_text(node, page)}"]
        case Turned():
            quiet = page.without_null()
            lines = _joined(value_lines(node.before, depth, quiet), value_lines(node.after, depth, quiet), page)
            return [*lines[:-1], f"{lines[-1]}{page.note(node)}"]
    raise AssertionError(f"no value: {node!r}")


def unknown_text(node: Pending, page: Page) -> str:
    """What stands for a value that is known after apply, behind what it is now, if that is anything."""
    return f"{f' {page.arrow()} ' if node.before is not None else ''}{_UNKNOWN}{page.note(node)}"


def _joined(before: list[str], after: list[str], page: Page) -> list[str]:
    return [*before[:-1], f"{before[-1]} {page.arrow()} {after[0]}", *after[1:]]


def entry_lines(head: str, node: Node, depth: int, page: Page, end: str = "") -> list[str]:
    """The lines of a value with a name, or of an element: `head` stands between its symbol and it."""
    first, *rest = value_lines(node, depth, page)
    lines = [f"{page.margin(depth, node.mark)}{head}{first}", *rest]
    lines[-1] += end
    return [*warning_lines(node, depth, page), *lines]


def warning_lines(node: Node, depth: int, page: Page, what: str = "attribute value") -> list[str]:
    """What is said of a value that becomes sensitive, or is so no more."""
    if not isinstance(node, Hidden) or node.was is node.will_be or node.inner in {Mark.CREATE, Mark.DELETE}:
        return []
    margin = page.margin(depth)[:-2]
    same = " The value is unchanged." if node.inner is Mark.SAME and what != "block" else ""
    lines = f"this {what} will be marked as sensitive and will not", "display in UI output after applying this change."
    if node.was:
        lines = f"this {what} will no longer be marked as sensitive", "after applying this change."
    return [f"{margin}# {page.style('warning', 'Warning')}: {lines[0]}", f"{margin}# {lines[1]}{same}"]


def padded(name: str, width: int) -> str:
    """A name with blanks up to a width."""
    return name + " " * (width - cell_width(name))


def _keyed_lines(node: Keyed, depth: int, page: Page) -> list[str]:
    if not node.entries:
        return [f"{{}}{page.null(node)}{page.note(node)}"]
    names = {name: quoted(name) if node.is_map else name_text(name) for name in node.entries}
    width = max(map(cell_width, names.values()))
    inside = page.without_null(unless=node.is_map and node.mark is not Mark.DELETE)
    lines, hidden = [f"{{{page.note(node)}"], 0
    for name, entry in node.entries.items():
        on = inside
        if name in IMPORTANT and not node.is_map:
            on = inside.entire()
        elif entry.mark is Mark.SAME and not page.whole:
            hidden += 1
            continue
        end = "," if node.is_map and isinstance(entry, Keyed) and not entry.is_map else ""
        lines.extend(entry_lines(f"{padded(names[name], width)} = ", entry, depth + 1, on, end))
    if hidden:
        lines.append(page.hidden(hidden, "element" if node.is_map else "attribute", depth + 1))
    return [*lines, f"{page.margin(depth)}}}{page.null(node)}"]


def _listed_lines(node: Listed, depth: int, page: Page) -> list[str]:
    if not node.elements:
        return [f"[]{page.null(node)}{page.note(node)}"]
    changed = page.without_null()
    lines = [f"[{page.note(node)}"]
    for element, hidden in _shown(node, page):
        if hidden:
            lines.append(page.hidden(hidden, "element", depth + 1))
        if element is not None:
            on = page.entire() if element.mark is Mark.SAME else changed
            lines.extend(entry_lines("", element, depth + 1, on, ","))
    return [*lines, f"{page.margin(depth)}]{page.null(node)}"]


def _shown(node: Listed, page: Page) -> list[tuple[Node | None, int]]:
    """The elements to show, each with how many are left out before it; for a list also those beside what changes."""
    found: list[tuple[Node | None, int]] = []
    kept: list[Node] = []
    follows = False
    for element in node.elements:
        if element.mark is Mark.SAME and not page.whole and not follows:
            kept.append(element)
            continue
        if kept and not node.is_set:
            found.append((kept[-1], len(kept) - 1))
            kept = []
        found.append((element, 0))
        follows = element.mark is not Mark.SAME and not node.is_set
    return [*found, (None, len(kept))] if kept else found
