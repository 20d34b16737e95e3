"""The state file, Terraform's format version 4."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from state_samples import FILES, PROVIDER, sample, states

from kvmform.address import parse_instance
from kvmform.diagnostics import DiagnosticError
from kvmform.state.file import format_state, parse_state, same_content
from kvmform.state.model import OutputValue, State, Status
from kvmform.struct import replace
from kvmform.values.plain import MapKey
from kvmform.values.types import STRING, ListType


def document(**changes: Any) -> bytes:
    return json.dumps({"version": 4, "serial": 3, "lineage": "L", "outputs": {}, "resources": [], **changes}).encode()


def resource(*instances: Any, **changes: Any) -> dict[str, Any]:
    form = {"mode": "managed", "type": "libvirt_pool", "name": "a", "provider": PROVIDER, "instances": list(instances)}
    return {**form, **changes}


def instance(**changes: Any) -> dict[str, Any]:
    return {"schema_version": 0, "attributes": {"id": "x"}, "sensitive_attributes": [], **changes}


@pytest.mark.parametrize("name", ["terraform-1.11.json", "libvirt-0.8.json"])
def test_what_terraform_wrote_is_written_the_same_byte_for_byte(name: str) -> None:
    data = (FILES / name).read_bytes()
    assert format_state(parse_state(data, name)).decode() == data.decode()


@given(states())
@settings(max_examples=50, deadline=None)
def test_any_state_reads_back_as_it_was(state: State) -> None:
    text = format_state(state)
    again = parse_state(text, "terraform.tfstate")
    assert again == state
    assert format_state(again) == text


def test_objects_of_provider_0_8_are_found_by_address() -> None:
    state = parse_state((FILES / "libvirt-0.8.json").read_bytes(), "x")
    first = parse_instance('module.lab["a"].libvirt_domain.web[0]')
    second = parse_instance('module.lab["a"].libvirt_domain.web[1]')
    assert state.serial == 12
    assert list(state.instances) == [first, second]
    web = state.instances[first]
    assert web.provider == f"{PROVIDER}.east"
    assert web.attributes["disk"][0]["volume_id"] == "/var/lib/libvirt/images/web-0.qcow2"
    assert web.dependencies == ("module.lab.libvirt_network.net", "module.lab.libvirt_volume.root")
    assert b"e2bfb730" in web.private
    assert web.status is Status.OK
    assert state.instances[second].status is Status.TAINTED
    assert state.deposed[second, "7c1f02ab"].attributes["name"] == "web-1-old"
    assert state.outputs["ips"] == OutputValue(["10.17.3.20"], ListType(STRING))


def test_the_order_of_recording_leaves_no_trace_in_the_file() -> None:
    objects = [sample(f"libvirt_pool.p[{index}]", b={"y": 1, "x": 2}, a=1) for index in (10, 2, 1)]
    objects += [sample('libvirt_pool.p["k"]'), sample("module.m.libvirt_pool.p"), sample("data.libvirt_pool.p")]
    forwards, backwards = State("L"), State("L")
    for one, other in zip(objects, reversed(objects), strict=True):
        forwards.put(one)
        backwards.put(other)
    text = format_state(forwards)
    assert text == format_state(backwards)
    forms = json.loads(text)["resources"]
    assert [(form.get("module"), form["mode"]) for form in forms] == [
        (None, "data"),
        (None, "managed"),
        ("module.m", "managed"),
    ]
    assert [form["index_key"] for form in forms[1]["instances"]] == [1, 2, 10, "k"]
    assert list(forms[1]["instances"][0]["attributes"]) == ["a", "b"]
    assert list(forms[1]["instances"][0]["attributes"]["b"]) == ["x", "y"]


@pytest.mark.parametrize(
    ("private", "expected"),
    [
        (b"", {"kvmform": {"generation": 2, "creating": True}}),
        (b'{"a": 1}', {"a": 1, "kvmform": {"generation": 2, "creating": True}}),
        (b"\x00", {"kvmform": {"generation": 2, "creating": True, "beside": "AA=="}}),
    ],
)
def test_what_terraform_has_no_place_for_goes_beside_the_providers_private_data(
    private: bytes, expected: dict[str, Any]
) -> None:
    state = State("L")
    state.put(sample("libvirt_pool.a", status=Status.CREATING, generation=2, private=private))
    form = json.loads(format_state(state))["resources"][0]["instances"][0]
    assert form["status"] == "tainted"
    assert json.loads(base64.b64decode(form["private"])) == expected


def test_an_interrupted_create_is_a_tainted_object_once_terraform_has_replaced_our_data() -> None:
    state = State("L")
    state.put(sample("libvirt_pool.a", status=Status.CREATING))
    form = json.loads(format_state(state))
    del form["resources"][0]["instances"][0]["private"]
    (again,) = parse_state(json.dumps(form).encode(), "x").instances.values()
    assert again.status is Status.TAINTED


def test_sensitive_paths_have_terraforms_form() -> None:
    state = State("L")
    path = ("disk", 0, "labels", MapKey("k"))
    state.put(sample("libvirt_pool.a", sensitive=frozenset({path, ("a",)})))
    assert json.loads(format_state(state))["resources"][0]["instances"][0]["sensitive_attributes"] == [
        [{"type": "get_attr", "value": "a"}],
        [
            {"type": "get_attr", "value": "disk"},
            {"type": "index", "value": {"value": 0, "type": "number"}},
            {"type": "get_attr", "value": "labels"},
            {"type": "index", "value": {"value": "k", "type": "string"}},
        ],
    ]
    assert ("disk", 0, "labels", "k") in next(iter(state.instances.values())).sensitive


def test_keys_that_nobody_here_knows_survive() -> None:
    data = document(
        future={"a": 1},
        outputs={"o": {"value": 1, "type": "number", "ephemeral": True}},
        resources=[resource(instance(identity={"id": 1}), each="list")],
    )
    again = json.loads(format_state(parse_state(data, "x")))
    assert again["future"] == {"a": 1}
    assert again["outputs"]["o"]["ephemeral"] is True
    assert again["resources"][0]["each"] == "list"
    assert again["resources"][0]["instances"][0]["identity"] == {"id": 1}


def test_instances_of_one_resource_may_have_different_providers() -> None:
    state = State("L")
    state.put(sample("libvirt_pool.a[0]"))
    state.put(sample("libvirt_pool.a[1]", provider=f"{PROVIDER}.east"))
    assert parse_state(format_state(state), "x") == state


@pytest.mark.parametrize(
    ("data", "summary", "detail"),
    [
        (b"garbage", "Unreadable state file", "it is not JSON"),
        (b'{"version": 4, "resources": [{', "Unreadable state file", "it is not JSON"),
        (b"\xff\xfe\x00", "Unreadable state file", "it is not JSON"),
        (b"[1]", "Unreadable state file", "no JSON object"),
        (b"{}", "Unreadable state file", 'it has no "version"'),
        (b'{"version": true}', "Unreadable state file", 'it has no "version"'),
        (b'{"version": 5}', "Unsupported state file format", "newer program"),
        (b'{"version": 3}', "Unsupported state file format", "Terraform 0.13"),
        (document(serial="1"), "Unreadable state file", "serial is not a whole number"),
        (document(resources={}), "Unreadable state file", "resources is not a list"),
        (document(resources=[1]), "Unreadable state file", "resources[0].content is not an object"),
        (document(resources=[resource(mode="x")]), "Unreadable state file", "do not name a resource"),
        (document(resources=[resource(module="x.y")]), "Unreadable state file", "not that of a module"),
        (document(resources=[resource(module="..")]), "Unreadable state file", "which is none"),
        (document(resources=[resource(instance(), 3)]), "Unreadable state file", "instances[1].content"),
        (
            document(resources=[resource(instance(attributes=[]))]),
            "Unreadable state file",
            "attributes is not an object",
        ),
        (document(resources=[resource(instance(index_key=1.5))]), "Unreadable state file", "index_key"),
        (document(resources=[resource(instance(private="!"))]), "Unreadable state file", "private is not in base64"),
        (document(resources=[resource(instance(dependencies=[1]))]), "Unreadable state file", "dependencies"),
        (document(resources=[resource(instance(sensitive_attributes=[1]))]), "Unreadable state file", "list of paths"),
        (document(resources=[resource(instance(sensitive_attributes=[[1]]))]), "Unreadable state file", "a step"),
        (document(outputs={"o": 1}), "Unreadable state file", "outputs.o.content is not an object"),
        (document(outputs={"o": {"value": 1, "type": "x"}}), "Unreadable state file", "outputs.o.type"),
    ],
)
def test_a_file_that_is_no_state_is_told_with_the_place_and_the_way_out(data: bytes, summary: str, detail: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        parse_state(data, "lab.tfstate")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.summary == summary
    assert detail in diagnostic.detail
    assert "lab.tfstate" in diagnostic.detail


def test_a_damaged_file_names_its_backup() -> None:
    with pytest.raises(DiagnosticError) as caught:
        parse_state(b"{", "lab.tfstate")
    assert "lab.tfstate.backup" in caught.value.diagnostics[0].detail


@given(states())
@settings(max_examples=50, deadline=None)
def test_a_copy_has_the_same_content_whatever_its_serial(state: State) -> None:
    other = parse_state(format_state(state), "x")
    other.serial += 1
    assert same_content(state, other)


@pytest.mark.parametrize(
    ("before", "after"),
    [(1, True), (0, False), ("1", 1), ([], {}), (None, ""), (1, 2)],
)
def test_any_difference_of_an_attribute_counts_even_between_1_and_true(before: object, after: object) -> None:
    states = [State("L"), State("L")]
    for state, value in zip(states, (before, after), strict=True):
        state.put(sample("libvirt_pool.a", x=value))
    assert not same_content(*states)


def test_what_else_counts_as_a_difference() -> None:
    state = State("L")
    state.put(sample("libvirt_pool.a"))
    variants = [replace(state, outputs={"o": OutputValue(1, STRING)}), replace(state, check_results=[]), State("L")]
    deposed = state.copy()
    deposed.put(sample("libvirt_pool.a", deposed="00000001"))
    moved = state.copy()
    moved.put(replace(moved.instances[parse_instance("libvirt_pool.a")], provider="other"))
    for variant in (*variants, deposed, moved):
        assert not same_content(state, variant)
