"""Objects that are like others: what a block doesn't write is as in the object that it names.

An original of the same configuration is what its own block says: what is written there is as good
as written here, known and unknown alike, so that a change of it is one of both. Another one is read
when it is needed, which is when the object is made; from then on the record of that is what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kvmform.address import InstanceAddress
from kvmform.config.decode import Decoded, check_rules
from kvmform.config.imports import Wanted
from kvmform.config.module import ResourceBlock
from kvmform.diagnostics import DiagnosticError, SourceRange, error
from kvmform.plan.request import Request
from kvmform.schema import Likeness, Object, Path, Plain, Schema
from kvmform.state.model import Status
from kvmform.state.records import known
from kvmform.struct import Struct, replace
from kvmform.values.model import Unknown

__all__ = ["Laid", "Original", "Originals", "as_recorded", "like"]


class Original(Struct):
    """What an object is like: what is written of it, what it is or will be, and what of it nobody may see."""

    config: Object
    object: Object
    sensitive: frozenset[Path] = frozenset()


class Laid(Struct):
    """What a block describes, with what it takes over; the original's address, if that is planned.

    `anew`: what an object is to have that takes the place of the one that is there.
    """

    decoded: Decoded
    source: InstanceAddress | None = None
    anew: Callable[[], Object] | None = None


class Originals:
    """The objects of a plan that others may be like, as far as they are planned."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._addresses: dict[tuple[str, str, Plain], InstanceAddress] = {}
        self._known: dict[InstanceAddress, Original] = {}
        self._named: dict[tuple[str, str, Plain], tuple[InstanceAddress, SourceRange]] = {}

    def note(self, address: InstanceAddress, provider: str, original: Original) -> None:
        """An instance was planned, for others to be like.

        Raises:
            DiagnosticError: another one was to be like it, and was planned before, since it doesn't refer to it.
        """
        likeness = self._request.types[address.type].schema.likeness
        if likeness is None:
            return
        self._known[address] = original
        for name in likeness.named_by:
            place = (provider, address.type, original.object.get(name))
            if place in self._named:
                raise _not_referred_to(likeness, place[2], address, *self._named[place])
            self._addresses[place] = address

    def laid_under(
        self, address: InstanceAddress, block: ResourceBlock, decoded: Decoded, provider: str, wanted: Wanted | None
    ) -> Laid:
        """What a block describes, together with what it takes over; `wanted`: of an object that is imported.

        Raises:
            DiagnosticError: there is no such object, or what comes of it breaks a rule.
        """
        schema = self._request.types[block.type].schema
        likeness = schema.likeness
        if likeness is None or likeness.argument not in decoded.written:
            return Laid(decoded)
        named = decoded.object[likeness.argument]
        at = decoded.range_of((likeness.argument,), block.range)
        if isinstance(named, Unknown):
            raise DiagnosticError.of("Original not known yet", _UNKNOWN.format(likeness.argument), at)
        if not named:
            return Laid(decoded)
        source, recorded = self._addresses.get((provider, block.type, named)), self._recorded(address)
        if recorded is None and wanted is not None:
            recorded = self._request.read_original(provider, self._request.types[block.type], wanted.id)

        def anew() -> Decoded:
            if source is not None:
                return like(schema, decoded, self._known[source], None)
            self._named[provider, block.type, named] = address, at
            return like(schema, decoded, self._looked_up(block, provider, str(named), at), None)

        if recorded is None:
            laid = Laid(anew(), source)
        elif source is not None:
            laid = Laid(like(schema, decoded, self._known[source], recorded), source, lambda: anew().object)
        else:
            self._named[provider, block.type, named] = address, at
            laid = Laid(as_recorded(schema, decoded, recorded), anew=lambda: anew().object)
        check_rules(schema.rules, laid.decoded, block.range)
        return laid

    def _recorded(self, address: InstanceAddress) -> Object | None:
        """What is recorded of an instance that is there, or of which something is left."""
        prior, observed = self._request.existing(address)
        return None if prior is None or observed is None or prior.status is Status.CREATING else prior.attributes

    def _looked_up(self, block: ResourceBlock, provider: str, named: str, at: SourceRange) -> Original:
        """An object of the host that isn't planned."""
        request, kind = self._request, self._request.types[block.type]
        likeness = kind.schema.likeness
        assert likeness is not None
        found = request.read_original(provider, kind, named)
        if found is None:
            detail = (
                f'The host {request.uri_of(provider)} has no {kind.name} "{named}", and none of the configuration is '
                f"known by that here. Refer to one ({likeness.argument} = {kind.name}.example.id), so that it is there "
                "first; or write the name or the id of one that exists."
            )
            raise DiagnosticError.of("Original not found", detail, at)
        return Original(found, found)


_UNKNOWN = (
    "What `{}` names is known only after apply, and so is all that would be taken over. Apply what it comes from "
    "first, with -target."
)


def _not_referred_to(
    likeness: Likeness, named: Plain, original: InstanceAddress, address: InstanceAddress, at: SourceRange
) -> DiagnosticError:
    """That `address` only names `original`, which is planned just now, and not before."""
    detail = (
        f'{original} is "{named}", and is to be there before what is like it. Refer to it, so that this is known: '
        f"{likeness.argument} = {original}.{likeness.named_by[0]}."
    )
    return DiagnosticError(error("Original is only named", detail, at).about(str(address)))


def like(schema: Schema, decoded: Decoded, original: Original, recorded: Object | None) -> Decoded:
    """What a block describes, together with what it takes over of an original.

    `recorded` is what is recorded of the object, if there is one already.
    """
    likeness = schema.likeness
    assert likeness is not None
    taken = likeness.takes(schema.rows, decoded.written)
    if recorded is not None:
        taken = [name for name in taken if name not in likeness.once]
    whole = decoded.object | {
        name: likeness.without_own(schema.rows, name, original.config.get(name)) for name in taken
    }
    whole = likeness.adapt(whole, original.object, taken)
    if recorded is not None:
        whole |= _recorded_rows(schema, likeness, decoded, recorded, likeness.once)
    sensitive = decoded.sensitive.union(likeness.sensitive(original.sensitive, taken))
    return replace(decoded, object=whole, sensitive=sensitive)


def as_recorded(schema: Schema, decoded: Decoded, recorded: Object) -> Decoded:
    """What a block describes, with all that it took over once; what is unknown in it is left open."""
    likeness = schema.likeness
    assert likeness is not None
    return replace(decoded, object=decoded.object | _recorded_rows(schema, likeness, decoded, recorded, schema.rows))


def _recorded_rows(
    schema: Schema, likeness: Likeness, decoded: Decoded, recorded: Object, names: Mapping[str, Any] | frozenset[str]
) -> Object:
    """Those rows as they are recorded, as far as they aren't written, nor kept anyway."""
    open_rows = set(likeness.takes(schema.rows, decoded.written)) | (likeness.once - decoded.written)
    return {
        name: known(likeness.without_own(schema.rows, name, recorded.get(name), computed_only=True))
        for name in names
        if name in open_rows and (name in likeness.once or not schema.rows[name].computed)
    }
