"""References and what follows a value: `var.size`, `libvirt_domain.web[0].id`, `f(x).a["b"]`."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.diagnostics import DiagnosticError, SourceRange
from kvmform.lang.ast import Expression, GetAttribute, Index, Name
from kvmform.lang.dispatch import Fault, evaluates, failure, value_of
from kvmform.lang.scope import Scope
from kvmform.lang.suggestion import did_you_mean
from kvmform.lang.traversal import get_attribute, get_index
from kvmform.values.model import Value

__all__: list[str] = []

Link = GetAttribute | Index


@evaluates(Name)
def _name(node: Name, scope: Scope) -> Value:
    if node.name in scope.names:
        return scope.names[node.name]
    return _resolve(node, (), node.range, scope)[0]


@evaluates(GetAttribute, Index)
def _chain(node: Link, scope: Scope) -> Value:
    """Goes along `.name` and `[key]` from the innermost value outward."""
    links: list[Link] = []
    base: Expression = node
    while isinstance(base, GetAttribute | Index):
        links.append(base)
        base = base.object if isinstance(base, GetAttribute) else base.collection
    links.reverse()
    if type(base) is Name and base.name not in scope.names:
        return _reference(base, links, scope)
    value = value_of(base, scope)
    for link in links:
        value = _follow(value, link, _key(link, scope), scope)
    return value


def _reference(root: Name, links: Sequence[Link], scope: Scope) -> Value:
    """A chain that begins with a word that only the resolver knows."""
    keys: list[Value] = []
    steps: list[str | int] = []
    for link in links:
        key = _key(link, scope)
        keys.append(key)
        if type(key) is not str and type(key) is not int:
            break
        steps.append(key)
    last = links[len(steps) - 1] if steps else root
    value, consumed = _resolve(root, tuple(steps), SourceRange(root.source, root.start, last.end), scope)
    for at in range(consumed, len(links)):
        key = keys[at] if at < len(keys) else _key(links[at], scope)
        value = _follow(value, links[at], key, scope)
    return value


def _resolve(root: Name, steps: tuple[str | int, ...], at: SourceRange, scope: Scope) -> tuple[Value, int]:
    if scope.resolver is not None:
        return scope.resolver.resolve(root.name, steps, at)
    if scope.context is None and not scope.names:
        raise DiagnosticError.of("Variables not allowed", "Variables may not be used here.", root.range)
    known = [name for name in scope.names if isinstance(name, str)]
    detail = f'There is no variable named "{root.name}".{did_you_mean(root.name, known)}'
    raise DiagnosticError.of("Unknown variable", detail, root.range)


def _key(link: Link, scope: Scope) -> Value:
    return link.name if isinstance(link, GetAttribute) else value_of(link.key, scope)


def _follow(value: Value, link: Link, key: Value, scope: Scope) -> Value:
    try:
        if isinstance(link, GetAttribute):
            return get_attribute(value, link.name)
        return get_index(value, key)
    except Fault as fault:
        begin = link.object.end if isinstance(link, GetAttribute) else link.collection.end
        raise failure(fault, link, scope, SourceRange(link.source, begin, link.end)) from None
