"""Values of a configuration, and what was read for them."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest
from configurations import decoded, evaluation, problems_of, put, reads_of, told
from fake_host import PROVIDERS

from kvmform.address import ROOT, ResourceAddress, parse_instance
from kvmform.config.evaluation import Evaluation
from kvmform.config.memo import Memo
from kvmform.config.repetition import Repeat, RepetitionKind, repeat, repeat_any
from kvmform.schema import Object
from kvmform.values.marks import is_sensitive
from kvmform.values.model import Unknown
from kvmform.values.plain import to_plain
from kvmform.values.types import STRING


def thing(found: Evaluation, address: str) -> Object:
    return decoded(found, address)[0].object


def output(found: Evaluation, name: str = "o") -> object:
    return to_plain(found.outputs()[name][0])[0]


def test_locals_variables_and_built_in_names() -> None:
    text = """
        variable "x" { default = 2 }
        locals {
          double = var.x * 2
          all    = "${local.double} ${path.module} ${path.root} ${path.cwd} ${terraform.workspace}"
        }
        output "o" { value = local.all }
    """
    assert output(evaluation(text)) == "4 . . /work default"


def test_paths_of_modules_start_at_the_root() -> None:
    files = {
        "main.tf": 'module "m" { source = "./a/../b/m" }\noutput "o" { value = module.m.path }',
        "b/m/main.tf": 'output "path" { value = path.module }',
    }
    assert output(evaluation(files)) == "b/m"


def test_functions_that_tell_the_time_wait_for_apply() -> None:
    text = 'output "o" { value = timestamp() }\noutput "p" { value = plantimestamp() }'
    assert isinstance(output(evaluation(text)), Unknown)
    assert output(evaluation(text), "p") == "2026-01-02T03:04:05Z"
    assert isinstance(output(evaluation(text, planning=False)), str)


# Resources.

SEVERAL = """
resource "libvirt_thing" "one" { name = "one" }
resource "libvirt_thing" "two" {
  count = 2
  name  = "two${count.index}"
}
resource "libvirt_thing" "each" {
  for_each = { x = "1", y = "2" }
  name     = "${each.key}${each.value}"
}
"""


def several(text: str = "") -> Evaluation:
    found = evaluation(SEVERAL + text)
    for address in (
        "libvirt_thing.one",
        "libvirt_thing.two[0]",
        "libvirt_thing.two[1]",
        'libvirt_thing.each["x"]',
        'libvirt_thing.each["y"]',
    ):
        put(found, address, {"id": f"id of {address}"})
    return found


def test_each_instance_sees_its_own_key() -> None:
    found = several()
    assert thing(found, "libvirt_thing.two[1]")["name"] == "two1"
    assert thing(found, 'libvirt_thing.each["y"]')["name"] == "y2"


@pytest.mark.parametrize(
    ("expression", "value", "read"),
    [
        ("libvirt_thing.one.id", "id of libvirt_thing.one", ["libvirt_thing.one"]),
        ("libvirt_thing.two[1].id", "id of libvirt_thing.two[1]", ["libvirt_thing.two[1]"]),
        ("libvirt_thing.two.1.id", "id of libvirt_thing.two[1]", ["libvirt_thing.two[1]"]),
        ('libvirt_thing.two["1"].id', "id of libvirt_thing.two[1]", ["libvirt_thing.two[1]"]),
        ("libvirt_thing.two[0 + 1].id", "id of libvirt_thing.two[1]", ["libvirt_thing.two[1]"]),
        ('libvirt_thing.each["x"].id', 'id of libvirt_thing.each["x"]', ['libvirt_thing.each["x"]']),
        (
            'join(" ", libvirt_thing.two[*].id)',
            "id of libvirt_thing.two[0] id of libvirt_thing.two[1]",
            ["libvirt_thing.two*"],
        ),
        (
            'join(" ", libvirt_thing.two.*.id)',
            "id of libvirt_thing.two[0] id of libvirt_thing.two[1]",
            ["libvirt_thing.two*"],
        ),
        ("element(libvirt_thing.two, 3).id", "id of libvirt_thing.two[1]", ["libvirt_thing.two*"]),
        ('join(" ", keys(libvirt_thing.each))', "x y", ["libvirt_thing.each*"]),
        ("length(libvirt_thing.two)", "2", ["libvirt_thing.two*"]),
        (
            "try(libvirt_thing.two[5].id, libvirt_thing.one.id)",
            "id of libvirt_thing.one",
            ["libvirt_thing.one", "libvirt_thing.two*"],
        ),
        ("data.libvirt_thing.d[0].id", None, ["data.libvirt_thing.d[0]"]),
    ],
)
def test_what_a_reference_gives_and_reads(expression: str, value: str | None, read: list[str]) -> None:
    data = 'data "libvirt_thing" "d" {\n  count = 1\n  name = "d"\n}\n'
    found = several(f'{data}resource "libvirt_thing" "user" {{ name = {expression} }}')
    put(found, "data.libvirt_thing.d[0]", {"id": "d"})
    assert thing(found, "libvirt_thing.user")["name"] == (value or "d")
    assert reads_of(found, "libvirt_thing.user") == read


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ('libvirt_thing.two["x"].id', '["x"]: Invalid index'),
        ("libvirt_thing.two[2].id", "[2]: Invalid index"),
        ('libvirt_thing.each["z"].id', '["z"]: Invalid index'),
        ("libvirt_thing.one.nope", ".nope: Unsupported attribute"),
    ],
)
def test_a_reference_that_leads_nowhere(expression: str, problem: str) -> None:
    found = several(f'output "o" {{ value = {expression} }}')
    (diagnostic,) = problems_of(found.outputs)
    assert told(diagnostic).split(" ", 1)[1] == problem


def test_instances_that_are_not_planned_yet_are_unknown() -> None:
    text = 'output "o" { value = libvirt_thing.one.id }\noutput "n" { value = length(libvirt_thing.two) }'
    found = evaluation(SEVERAL + text)
    assert output(found) == Unknown()
    found.expand(*found.locate(parse_instance("libvirt_thing.one"))[:2])
    assert output(found) == Unknown(STRING)
    put(found, "libvirt_thing.one", {"id": "x"})
    assert output(found) == "x"
    assert isinstance(output(found, "n"), Unknown)
    found.expand(*found.locate(parse_instance("libvirt_thing.two[0]"))[:2])
    assert output(found, "n") == 2


def test_what_is_sensitive_in_an_object_is_so_in_expressions() -> None:
    found = several('output "o" { value = libvirt_thing.one.secret }\noutput "p" { value = libvirt_thing.one.id }')
    put(found, "libvirt_thing.one", {"id": "x", "secret": "s"}, [("secret",)])
    (diagnostic,) = problems_of(found.outputs)
    assert told(diagnostic).endswith('output "o": Output refers to sensitive values')


@pytest.mark.parametrize("value", ["var.s", "[var.s]", '{ a = "x${var.s}" }'])
def test_an_output_that_holds_a_secret_must_say_so(value: str) -> None:
    text = f'variable "s" {{\n  default = "x"\n  sensitive = true\n}}\noutput "o" {{\n  value = {value}\n'
    assert problems_of(evaluation(text + "}").outputs)
    ((found, sensitive),) = evaluation(text + "  sensitive = true\n}").outputs().values()
    assert sensitive
    assert is_sensitive(found)


def test_every_output_that_is_wrong_is_told() -> None:
    text = 'output "a" { value = [][0] }\noutput "b" { value = 1 }\noutput "c" { value = [][1] }'
    assert len(problems_of(evaluation(text).outputs)) == 2


# What is remembered.


def test_a_value_is_evaluated_again_only_if_something_that_it_read_changed() -> None:
    text = """
        locals {
          stamp = "${libvirt_thing.one.id} ${uuid()}"
          other = uuid()
          all   = join(" ", libvirt_thing.two[*].id)
        }
        output "o" { value = local.stamp }
        output "p" { value = local.other }
        output "a" { value = local.all }
    """
    found = evaluation(SEVERAL + text, planning=False)
    for number in range(2):
        put(found, f"libvirt_thing.two[{number}]", {"id": f"t{number}"})
    put(found, "libvirt_thing.one", {"id": "first"})
    first, other = output(found), output(found, "p")
    assert output(found) == first
    put(found, "libvirt_thing.one", {"id": "second"})
    assert str(output(found)).startswith("second ")
    assert output(found, "p") == other
    assert output(found, "a") == "t0 t1"
    put(found, "libvirt_thing.two[1]", {"id": "new"})
    assert output(found, "a") == "t0 new"


def test_what_was_not_made_is_unknown_again() -> None:
    found = several('output "o" { value = libvirt_thing.one.id }')
    assert output(found) == "id of libvirt_thing.one"
    found.drop_object(parse_instance("libvirt_thing.one"))
    assert output(found) == Unknown(STRING)


def test_reads_are_those_of_everything_that_a_value_was_made_from() -> None:
    text = """
        locals {
          a = libvirt_thing.one.id
          b = "${local.a}${libvirt_thing.two[0].id}"
        }
        resource "libvirt_thing" "first" { name = local.b }
        resource "libvirt_thing" "second" { name = local.b }
    """
    found = several(text)
    wanted = ["libvirt_thing.one", "libvirt_thing.two[0]"]
    assert reads_of(found, "libvirt_thing.first") == wanted
    assert reads_of(found, "libvirt_thing.second") == wanted


def test_what_decides_on_the_instances_is_read() -> None:
    text = """
        resource "libvirt_thing" "user" {
          for_each = { for name, other in libvirt_thing.each : name => other.id }
          name     = each.value
        }
    """
    found = several(text)
    assert thing(found, 'libvirt_thing.user["x"]')["name"] == 'id of libvirt_thing.each["x"]'
    assert reads_of(found, 'libvirt_thing.user["x"]') == ["libvirt_thing.each*"]


def test_depends_on_reads_whole_resources() -> None:
    text = """
        locals {
          l = libvirt_thing.one.id
        }
        resource "libvirt_thing" "user" {
          name       = "u"
          depends_on = [libvirt_thing.two[0], local.l, data.libvirt_thing.d]
        }
        data "libvirt_thing" "d" { name = "d" }
    """
    found = several(text)
    assert reads_of(found, "libvirt_thing.user") == ["data.libvirt_thing.d*", "libvirt_thing.one", "libvirt_thing.two*"]


def test_whichever_memo_entry_read_something_is_forgotten_with_it() -> None:
    memo = Memo()
    one, other = (parse_instance(f"libvirt_thing.{name}") for name in ("one", "other"))

    def inner() -> str:
        memo.record(one)
        return "inner"

    def outer() -> str:
        memo.record(other)
        return memo.remembered("inner", inner) + " outer"

    with memo.recording() as reads:
        assert memo.remembered("outer", outer) == "inner outer"
    assert reads == {one, other}
    memo.changed(other)
    assert ("inner" in memo, "outer" in memo) == (True, False)
    memo.remembered("outer", outer)
    memo.changed(one)
    assert ("inner" in memo, "outer" in memo) == (False, False)


# Long chains.


@pytest.mark.parametrize("length", [1500])
def test_a_long_chain_of_locals_does_not_nest(length: int) -> None:
    lines = "\n".join(f"  l{n} = local.l{n - 1} + 1" for n in range(1, length))
    found = evaluation(f'locals {{\n  l0 = 0\n{lines}\n}}\noutput "o" {{ value = local.l{length - 1} }}')
    assert output(found) == length - 1


def test_a_long_chain_through_modules_does_not_nest() -> None:
    calls = "\n".join(f'module "m{n}" {{\n  source = "./m"\n  x = module.m{n - 1}.y\n}}' for n in range(1, 300))
    files = {
        "main.tf": f'module "m0" {{\n  source = "./m"\n  x = 0\n}}\n{calls}\noutput "o" {{ value = module.m299.y }}',
        "m/main.tf": 'variable "x" {}\nlocals {\n  z = var.x + 1\n}\noutput "y" { value = local.z }',
    }
    assert output(evaluation(files)) == 300


def test_an_error_at_the_end_of_a_long_chain_is_told_as_it_is() -> None:
    lines = "\n".join(f"  l{n} = local.l{n - 1} + 1" for n in range(1, 400))
    found = evaluation(f'locals {{\n  l0 = [][0]\n{lines}\n}}\noutput "o" {{ value = local.l399 }}')
    (diagnostic,) = problems_of(found.outputs)
    assert told(diagnostic) == "main.tf:2,10 [0]: Invalid index"


# Where nothing is known of how often things are there.


def any_instance(text: str, inputs: Mapping[str, object] | None = None) -> Evaluation:
    return evaluation(text, inputs, repeat=repeat_any)


def test_a_stand_in_is_decoded_for_all_instances() -> None:
    found = any_instance(SEVERAL.replace("count = 2", "count = var.n") + 'variable "n" {}', {"n": Unknown()})
    for name, value in (("one", "one"), ("two", Unknown(STRING, not_null=True, prefix="tw"))):
        block = found.root.module.resources["managed", "libvirt_thing", name]
        (repetition,) = found.expand(block, found.root).values()
        assert found.decode(block, found.root, repetition)[0].object["name"] == value


def test_attributes_of_a_stand_in_are_checked() -> None:
    for expression in ("libvirt_thing.two[0].nope", 'libvirt_thing.each["k"].nope'):
        found = any_instance(f'{SEVERAL}output "o" {{ value = {expression} }}')
        for block in found.root.module.resources.values():
            found.expand(block, found.root)
        assert problems_of(found.outputs)


def test_variables_of_modules_are_unknown_too_but_checked_as_they_are_given() -> None:
    files = {
        "main.tf": """
            module "m" {
              source = "./m"
              path   = "nosuch"
              SIZE
            }
            output "o" { value = module.m.text }
        """,
        "m/main.tf": """
            variable "path" { type = string }
            variable "size" {
              default = "small"
              validation {
                condition     = var.size == "small"
                error_message = "Too big."
              }
            }
            output "text" { value = "${file(var.path)} ${tonumber(var.size)}" }
        """,
    }
    small, big = ({**files, "main.tf": files["main.tf"].replace("SIZE", size)} for size in ("", 'size = "big"'))
    assert evaluation(small, repeat=repeat_any).outputs()["o"][0] == Unknown(STRING, not_null=True)
    assert problems_of(evaluation(small).outputs)
    within = evaluation(big, repeat=repeat_any)
    (module,) = within.module_instances(("m",))
    assert told(problems_of(lambda: within.check(module, "var", "size"))[0]).endswith("Invalid value for variable")


COUNTED_MODULE = {
    "main.tf": """
        variable "image" { type = string }
        module "m" {
          count  = var.image == "" ? 1 : 0
          source = "./m"
        }
        output "o" { value = OUTPUT }
    """,
    "m/main.tf": 'output "url" { value = "https://images.test/${path.module}" }',
}


def counted_module(output: str, image: object, repeat: Repeat) -> Evaluation:
    files = {name: text.replace("OUTPUT", output) for name, text in COUNTED_MODULE.items()}
    return evaluation(files, {"image": image}, repeat=repeat)


@pytest.mark.parametrize(("image", "repetition"), [(Unknown(STRING), repeat_any), ("", repeat)])
def test_an_output_of_a_counted_module_is_of_one_instance(image: object, repetition: Repeat) -> None:
    for one in ("module.m[0].url", "module.m.0.url"):
        assert counted_module(one, image, repetition).outputs()["o"][0] == "https://images.test/m"
    (diagnostic,) = problems_of(counted_module("module.m.url", image, repetition).outputs)
    assert told(diagnostic) == "main.tf:7,30 .url: Unsupported attribute"
    assert 'Did you mean to access attribute "url" for a specific element' in diagnostic.detail


def test_an_output_of_a_counted_module_is_not_missed_where_it_need_not_be_there() -> None:
    found = counted_module('var.image == "" ? module.m.url : var.image', Unknown(STRING), repeat_any)
    assert found.outputs()["o"][0] == Unknown(STRING)
    assert counted_module("try(module.m.url, var.image)", "given", repeat).outputs()["o"][0] == "given"


# Apply.


def test_at_apply_resources_are_expanded_when_they_are_referred_to() -> None:
    found = evaluation(SEVERAL + 'output "o" { value = length(libvirt_thing.two) }', planning=False)
    assert output(found) == 2


def test_provider_arguments() -> None:
    found = evaluation('variable "u" { default = "x" }\nprovider "libvirt" { uri = "fake:///${var.u}" }')
    (block,) = found.root.module.providers.values()
    assert found.provider(found.root, block, PROVIDERS["libvirt"]) == {"uri": "fake:///x"}


def test_instances_can_be_told_from_outside() -> None:
    found = evaluation('resource "libvirt_thing" "a" { name = "a" }\noutput "o" { value = libvirt_thing.a.id }')
    address = ResourceAddress(ROOT, "managed", "libvirt_thing", "a")
    found.set_instances(address, RepetitionKind.SINGLE, [None])
    found.set_object(address.instance(), {"id": "x"}, frozenset())
    assert output(found) == "x"
    assert found.object(address.instance()) == {"id": "x"}


def test_several_threads_may_evaluate_at_once() -> None:
    text = "".join(f'resource "libvirt_thing" "r{n}" {{ name = local.l }}\n' for n in range(30))
    found = evaluation(f'{text}locals {{\n  l = join("", [for n in range(50) : n])\n}}', planning=False)
    names: list[str] = []

    def work(number: int) -> None:
        names.append(thing(found, f"libvirt_thing.r{number}")["name"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 30
    assert len(set(names)) == 1
