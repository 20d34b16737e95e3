"""Objects, states and records for the tests of this directory: some by hand, any by hypothesis."""

from decimal import Decimal
from pathlib import Path

from hypothesis import strategies as st

from kvmform.address import ROOT, InstanceAddress, ResourceAddress, parse_instance
from kvmform.state.model import InstanceState, OutputValue, State, Status
from kvmform.state.records import (
    Checked,
    Creating,
    Deleting,
    Deposed,
    Done,
    Moved,
    OutputsSet,
    Recorded,
    Removed,
    Restored,
    Updating,
)
from kvmform.values.plain import MapKey
from kvmform.values.types import DYNAMIC, STRING, ListType, object_type

FILES = Path(__file__).with_name("files")
PROVIDER = 'provider["registry.terraform.io/dmacvicar/libvirt"]'


def sample(address: str, **fields: object) -> InstanceState:
    """An object at an address; what is no field of the record is an attribute."""
    own = {name: fields.pop(name) for name in list(fields) if name in InstanceState.__slots__}
    return InstanceState(**{"address": parse_instance(address), "provider": PROVIDER, "attributes": fields, **own})


# JSON knows no difference between 1 and 1.0, so floats here are never whole.
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(-1e15, 1e15).filter(lambda number: not number.is_integer())
    | st.sampled_from([Decimal("0.1234567890123456789012345678901234567890"), 1e-7])
    | st.text(max_size=8)
    | st.sampled_from(['<a href="x">&', "\u2028", "\\", "é\n\t\x00", "${x}"])
)
plain_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.text(max_size=5), plain_values, max_size=4)
names = st.sampled_from(["web", "db"])
modules = st.sampled_from([ROOT, ROOT.child("lab"), ROOT.child("lab", 'q"r\\'), ROOT.child("lab", 2).child("inner")])
addresses = st.builds(
    lambda module, mode, kind, name, key: InstanceAddress(ResourceAddress(module, mode, kind, name), key),
    modules,
    st.sampled_from(["managed", "data"]),
    st.sampled_from(["libvirt_domain", "libvirt_pool"]),
    names,
    st.none() | st.integers(0, 11) | st.sampled_from(["a", "b c", 'd"e']),
)
paths = st.lists(st.text(max_size=3) | st.integers(0, 3) | st.builds(MapKey, st.text(max_size=3)), max_size=3).map(
    tuple
)
privates = st.sampled_from([b"", b"null", b'{"a":1}', b"\x00\xff", b"[1]", b'{"kvmform_like":{}}'])
deposed_keys = st.sampled_from(["00000000", "7c1f02ab"])


def instances_at(where: st.SearchStrategy[InstanceAddress] = addresses) -> st.SearchStrategy[InstanceState]:
    return st.builds(
        InstanceState,
        address=where,
        provider=st.sampled_from([PROVIDER, f"{PROVIDER}.east"]),
        attributes=objects,
        schema_version=st.integers(0, 2),
        sensitive=st.frozensets(paths, max_size=2),
        status=st.sampled_from(Status),
        generation=st.integers(0, 3),
        dependencies=st.lists(st.sampled_from(["libvirt_pool.a", "module.m.libvirt_network.n"]), max_size=2).map(tuple),
        create_before_destroy=st.booleans(),
        deposed=st.just("") | deposed_keys,
        private=privates,
        foreign=st.sampled_from([{}, {"identity": {"id": "x"}, "identity_schema_version": 1}]),
    )


output_values = st.dictionaries(
    names,
    st.builds(
        OutputValue,
        value=plain_values,
        type=st.sampled_from([STRING, DYNAMIC, ListType(STRING), object_type({"a": STRING})]),
        sensitive=st.booleans(),
        foreign=st.sampled_from([{}, {"deprecated": "soon"}]),
    ),
    max_size=2,
)


@st.composite
def states(draw: st.DrawFn) -> State:
    state = State(
        lineage=draw(st.uuids().map(str)),
        serial=draw(st.integers(0, 10**6)),
        outputs=draw(output_values),
        check_results=draw(st.none() | st.just([{"object_kind": "check", "objects": None}])),
        foreign=draw(st.sampled_from([{}, {"future": [1]}])),
    )
    for instance in draw(st.lists(instances_at(), max_size=5)):
        state.put(instance)
    return state


few = st.sampled_from(
    [parse_instance(text) for text in ("libvirt_domain.web", "libvirt_domain.db[0]", "libvirt_pool.a")]
)
records = st.one_of(
    instances_at(few).map(Creating),
    few.map(Updating),
    st.builds(Deleting, few, st.just("") | deposed_keys),
    st.builds(Recorded, few, objects),
    st.lists(instances_at(few), max_size=2).map(tuple).map(Done),
    st.builds(Removed, few, st.just("") | deposed_keys),
    st.builds(Deposed, few, deposed_keys),
    st.builds(Restored, few, deposed_keys),
    st.permutations([parse_instance("libvirt_domain.web"), parse_instance("libvirt_pool.a")]).map(
        lambda pair: Moved((tuple(pair),))
    ),
    output_values.map(OutputsSet),
    plain_values.map(Checked),
)
