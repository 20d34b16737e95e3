"""`provisioner` and `connection` blocks: what is run once an instance is made, or before it goes."""

from __future__ import annotations

from collections.abc import Iterable

from kvmform.config.arguments import check_names, missing_argument
from kvmform.config.module import Provisioner
from kvmform.diagnostics import Diagnostic, Diagnostics, error
from kvmform.lang.ast import Attribute, Block, Body, Literal, Name
from kvmform.lang.references import Reference, body_references
from kvmform.lang.suggestion import did_you_mean
from kvmform.provision.schemas import CONNECTION, PROVISIONERS
from kvmform.schema import Row, Schema

__all__ = ["read_provisioners"]

_META = ("when", "on_failure")


def read_provisioners(body: Body, problems: Diagnostics) -> tuple[Provisioner, ...]:
    """The provisioners in the body of a `resource` or `removed` block, in their order.

    A connection block beside them serves them all; one inside a provisioner overrides it,
    argument by argument.
    """
    shared = _connection(body.blocks, "resource", problems)
    found: list[Provisioner] = []
    for block in (inner for inner in body.blocks if inner.type == "provisioner"):
        provisioner = _provisioner(block, shared, problems)
        if provisioner is not None:
            found.append(provisioner)
    problems.add(*_foreign_references(found))
    return tuple(found)


def _check_arguments(block: Block, schema: Schema, where: str, more: tuple[str, ...], problems: Diagnostics) -> None:
    """Report arguments that the block doesn't have, and those that are missing."""
    check_names(block.body, (*schema.rows, *more), (inner.type for inner in block.body.blocks), where, problems)
    for name, row in schema.rows.items():
        if isinstance(row, Row) and row.required and name not in block.body.attributes:
            problems.add(missing_argument(name, block.opening))


def _connection(blocks: Iterable[Block], where: str, problems: Diagnostics) -> Body | None:
    """The arguments of the connection block among others."""
    found = [block for block in blocks if block.type == "connection"]
    for more in found[1:]:
        detail = f"This {where} already has a connection block at {found[0].header}. Put all of it in one."
        problems.add(error("Duplicate connection block", detail, more.header))
    for block in found:
        check_names(block.body, CONNECTION.rows, (), "a connection block", problems)
        if block.labels:
            detail = "connection blocks have no labels."
            problems.add(error("Extraneous label for connection", detail, block.labels[0].range))
    return found[0].body if found else None


def _provisioner(block: Block, shared: Body | None, problems: Diagnostics) -> Provisioner | None:
    malformed = _malformed(block)
    if malformed is not None:
        problems.add(malformed)
        return None
    attributes = block.body.attributes
    for inner in block.body.blocks:
        if inner.type != "connection":
            detail = f'Blocks of type "{inner.type}" are not expected in a provisioner; it can have a connection block.'
            problems.add(error("Unsupported block type", detail, inner.type_range))
    own = _connection(block.body.blocks, "provisioner", problems)
    kind = block.labels[0].value
    _check_arguments(block, PROVISIONERS[kind], f"a {kind} provisioner", _META, problems)
    return Provisioner(
        type=kind,
        when=_keyword(attributes.get("when"), ("create", "destroy"), problems),
        on_failure=_keyword(attributes.get("on_failure"), ("fail", "continue"), problems),
        body=_with_attributes(block.body, {n: a for n, a in attributes.items() if n not in _META}),
        connection=_laid_over(shared, own),
        range=block.header,
    )


def _malformed(block: Block) -> Diagnostic | None:
    if not block.labels:
        detail = 'All provisioner blocks must have one label, their type: provisioner "local-exec" { … }.'
        return error("Missing type for provisioner", detail, block.header)
    if len(block.labels) > 1:
        detail = "provisioner blocks have one label, their type."
        return error("Extraneous label for provisioner", detail, block.labels[1].range)
    kind = block.labels[0].value
    if kind not in PROVISIONERS:
        hint = did_you_mean(kind, PROVISIONERS)
        detail = f'There is no provisioner "{kind}".{hint} There are {", ".join(PROVISIONERS)}.'
        return error("Unsupported provisioner type", detail, block.labels[0].range)
    return None


def _keyword(attribute: Attribute | None, known: tuple[str, str], problems: Diagnostics) -> str:
    """One of two words, written as a word or, as old configurations have it, in quotes; the first by default."""
    match attribute and attribute.expression:
        case None:
            return known[0]
        case Name(name=str(word)) | Literal(value=str(word)) if word in known:
            return word
    assert attribute is not None
    detail = f'The "{attribute.name}" argument requires one of the following keywords: {known[0]} or {known[1]}.'
    problems.add(error(f'Invalid "{attribute.name}" keyword', detail, attribute.expression.range))
    return known[0]


def _laid_over(shared: Body | None, own: Body | None) -> Body | None:
    if shared is None or own is None:
        return own or shared
    return _with_attributes(own, {**shared.attributes, **own.attributes})


def _with_attributes(body: Body, attributes: dict[str, Attribute]) -> Body:
    """A body with these attributes and no blocks."""
    return Body(body.source, body.start, body.end, attributes, [])


def _foreign_references(provisioners: Iterable[Provisioner]) -> Iterable[Diagnostic]:
    """What destroy-time provisioners refer to and must not: all else may be gone by then, or be different."""
    for provisioner in provisioners:
        if provisioner.when == "destroy":
            for body in (provisioner.body, provisioner.connection):
                for reference in body_references(body) if body else ():
                    if not _is_own(reference):
                        detail = (
                            "Destroy-time provisioners and their connection configurations may only reference "
                            "attributes of the related resource, via 'self', 'count.index', or 'each.key'. Anything "
                            "else may be gone by then: keep what you need in an attribute of this resource."
                        )
                        yield error("Invalid reference from destroy provisioner", detail, reference.range)


def _is_own(reference: Reference) -> bool:
    match reference.root, reference.steps:
        case ("self" | "path" | "terraform", _) | ("count", ("index",)) | ("each", ("key",)):
            return True
    return False
