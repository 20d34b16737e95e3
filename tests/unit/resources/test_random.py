"""`random_*`: what is recorded, that it stays, and what makes another value of it."""

import base64
import json
import string
import time
import uuid
from typing import Any

import bcrypt
import pytest
from command_line import CommandLine

from kvmform.resources.random.seeded import Generator

TEXT = {"length", "upper", "lower", "numeric", "number", "special", "override_special", "keepers", "id", "result"}
MINIMA = {"min_upper", "min_lower", "min_numeric", "min_special"}

ATTRIBUTES = {
    "random_id": {"id", "keepers", "byte_length", "prefix", "b64_url", "b64_std", "hex", "dec"},
    "random_bytes": {"length", "keepers", "base64", "hex"},
    "random_string": TEXT | MINIMA,
    "random_password": TEXT | MINIMA | {"bcrypt_hash"},
    "random_pet": {"id", "keepers", "length", "prefix", "separator"},
    "random_integer": {"id", "keepers", "min", "max", "seed", "result"},
    "random_uuid": {"id", "keepers", "result"},
    "random_uuid4": {"id", "keepers", "result"},
    "random_uuid7": {"id", "keepers", "result"},
    "random_shuffle": {"id", "keepers", "seed", "input", "result_count", "result"},
}
"""As the documentation of the provider has them."""

WRITTEN = {
    "random_id": "byte_length = 8",
    "random_bytes": "length = 8",
    "random_string": "length = 24",
    "random_password": "length = 24",
    "random_pet": "",
    "random_integer": "min = 1\nmax = 1000000000000",
    "random_uuid": "",
    "random_uuid4": "",
    "random_uuid7": "",
    "random_shuffle": 'input = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]',
}

VALUES = {"random_id": "hex", "random_bytes": "hex", "random_pet": "id"}
VERSIONS = {"random_string": 2, "random_password": 3}


def one(kind: str, written: str | None = None) -> str:
    return f'resource "{kind}" "x" {{\n{WRITTEN[kind] if written is None else written}\n}}\n'


def value_of(here: CommandLine, kind: str) -> Any:
    return here.attributes(f"{kind}.x")[VALUES.get(kind, "result")]


@pytest.mark.parametrize("kind", ATTRIBUTES)
def test_it_is_known_after_apply_recorded_as_terraform_does_and_stays(here: CommandLine, kind: str) -> None:
    change = here.write(one(kind)).plan()[f"{kind}.x"]["change"]
    assert change["after_unknown"][VALUES.get(kind, "result")] is True
    here.applied(one(kind))
    found = here.state()[f"{kind}.x"]
    assert found["provider"] == 'provider["registry.terraform.io/hashicorp/random"]'
    assert found["attributes"].keys() == ATTRIBUTES[kind]
    assert found["schema_version"] == VERSIONS.get(kind, 0)
    before = value_of(here, kind)
    here.run("apply", "-auto-approve")
    assert value_of(here, kind) == before


@pytest.mark.parametrize("kind", ATTRIBUTES)
def test_another_keeper_makes_another_value(here: CommandLine, kind: str) -> None:
    keepers = "{}\nkeepers = {{ made_for = {} }}"
    here.applied(one(kind, keepers.format(WRITTEN[kind], '"a"')))
    before = value_of(here, kind)
    change = here.write(one(kind, keepers.format(WRITTEN[kind], '"b"'))).plan()[f"{kind}.x"]["change"]
    assert change["actions"] == ["delete", "create"]
    assert change["replace_paths"] == [["keepers"]]
    assert change["disruption"] == "none"
    here.applied(one(kind, keepers.format(WRITTEN[kind], '"b"')))
    assert value_of(here, kind) != before
    assert "Disruption: none." in here.run("destroy", "-auto-approve")
    assert here.state() == {}


def test_two_of_a_kind_differ(here: CommandLine) -> None:
    here.applied('resource "random_password" "a" {\nlength = 20\n}\nresource "random_password" "b" {\nlength = 20\n}\n')
    assert here.attributes("random_password.a")["result"] != here.attributes("random_password.b")["result"]


# Each type.


def test_an_id_in_all_its_notations(here: CommandLine) -> None:
    here.applied(one("random_id", 'byte_length = 5\nprefix = "p-"'))
    found = here.attributes("random_id.x")
    data = bytes.fromhex(found["hex"].removeprefix("p-"))
    assert len(data) == 5
    assert found["b64_std"] == f"p-{base64.b64encode(data).decode()}"
    assert found["dec"] == f"p-{int.from_bytes(data)}"
    assert found["id"] == base64.urlsafe_b64encode(data).decode().rstrip("=")
    assert found["b64_url"] == f"p-{found['id']}"


def test_bytes_in_both_notations_are_secret(here: CommandLine) -> None:
    here.applied(one("random_bytes", "length = 3"))
    found = here.attributes("random_bytes.x")
    assert base64.b64decode(found["base64"]) == bytes.fromhex(found["hex"])
    assert len(found["hex"]) == 6
    said = here.run("output", "-json") + here.run("state", "show", "random_bytes.x") + here.run("plan", "-destroy")
    assert found["hex"] not in said
    assert found["base64"] not in said


@pytest.mark.parametrize(
    ("written", "characters"),
    [
        ("special = false", string.ascii_letters + string.digits),
        ("upper = false\nlower = false\nnumeric = false", "!@#$%&*()-_=+[]{}<>:?"),
        ('upper = false\nlower = false\nnumber = false\noverride_special = "./"', "./"),
        ("special = false\nupper = false\nlower = false", string.digits),
    ],
)
def test_characters_that_may_be_in_a_string(here: CommandLine, written: str, characters: str) -> None:
    here.write(one("random_string", f"length = 200\n{written}")).run("apply", "-auto-approve")
    here.run("plan", "-detailed-exitcode")
    found = here.attributes("random_string.x")
    assert len(found["result"]) == 200
    assert set(found["result"]) <= set(characters)
    assert found["id"] == found["result"]
    assert found["number"] is found["numeric"]


def test_minima_of_each_kind_of_character(here: CommandLine) -> None:
    minima = "min_upper = 1\nmin_lower = 2\nmin_numeric = 3\nmin_special = 4"
    here.applied(one("random_password", f"length = 10\n{minima}"))
    found = here.attributes("random_password.x")["result"]
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits, "!@#$%&*()-_=+[]{}<>:?")
    assert [sum(character in kind for character in found) for kind in kinds] == [1, 2, 3, 4]


def test_a_password_is_secret_and_has_its_hash(here: CommandLine) -> None:
    here.applied(one("random_password", "length = 80"))
    found = here.state()["random_password.x"]
    attributes = found["attributes"]
    assert attributes["id"] == "none"
    assert bcrypt.checkpw(attributes["result"].encode()[:72], attributes["bcrypt_hash"].encode())
    assert attributes["bcrypt_hash"].startswith("$2a$10$")
    paths = [[step["value"] for step in path] for path in found["sensitive_attributes"]]
    assert paths == [["bcrypt_hash"], ["result"]]
    assert attributes["result"] not in here.run("state", "show", "random_password.x")
    said = here.write(f'{one("random_password")}output "p" {{ value = random_password.x.result }}').run("plan", code=1)
    assert "sensitive" in said


@pytest.mark.parametrize(
    ("written", "words", "beginning"),
    [("", 2, ""), ("length = 1", 1, ""), ("length = 4", 4, ""), ('prefix = "web"', 3, "web-")],
)
def test_a_pet_has_words(here: CommandLine, written: str, words: int, beginning: str) -> None:
    here.applied(one("random_pet", written))
    found = here.attributes("random_pet.x")
    assert found["id"].startswith(beginning)
    assert len(found["id"].split("-")) == words
    assert found["id"].replace("-", "").isalpha()
    assert found["id"] == found["id"].lower()
    assert (found["length"], found["separator"]) == (max(words - bool(beginning), 1), "-")


def test_a_pet_with_another_separator(here: CommandLine) -> None:
    here.applied(one("random_pet", 'separator = "_"\nlength = 3'))
    assert here.attributes("random_pet.x")["id"].count("_") == 2


def test_an_integer_is_in_its_range(here: CommandLine) -> None:
    here.applied(
        """
        resource "random_integer" "many" {
          count = 40
          min   = -1
          max   = 1
        }
        output "found" { value = sort(distinct(random_integer.many[*].result)) }
        output "ids" { value = alltrue([for each in random_integer.many : each.id == tostring(each.result)]) }
        """
    )
    assert sorted(map(int, here.outputs()["found"])) == [-1, 0, 1]
    assert here.outputs()["ids"] is True


@pytest.mark.parametrize(("kind", "version"), [("random_uuid", 4), ("random_uuid4", 4), ("random_uuid7", 7)])
def test_a_uuid(here: CommandLine, kind: str, version: int) -> None:
    here.applied(one(kind))
    found = here.attributes(f"{kind}.x")
    parsed = uuid.UUID(found["id"])
    assert str(parsed) == found["id"] == found["result"]
    assert (parsed.version, parsed.variant) == (version, uuid.RFC_4122)


def test_a_uuid_of_version_7_begins_with_the_time(here: CommandLine) -> None:
    begun = time.time_ns() // 1_000_000
    here.applied(one("random_uuid7"))
    told = uuid.UUID(here.attributes("random_uuid7.x")["id"]).int >> 80
    assert begun <= told <= time.time_ns() // 1_000_000


@pytest.mark.parametrize(
    ("written", "result"),
    [
        # These values are what the provider's own tests expect.
        ('seed = "-"', "acbed"),
        ('seed = "-"\nresult_count = 3', "acb"),
        ('seed = "-"\nresult_count = 12', "acbedaedcbab"),
        ("result_count = 0", ""),
    ],
)
def test_a_seeded_shuffle_is_that_of_terraform(here: CommandLine, written: str, result: str) -> None:
    here.applied(one("random_shuffle", f'input = ["a", "b", "c", "d", "e"]\n{written}'))
    found = here.attributes("random_shuffle.x")
    assert (found["id"], "".join(found["result"])) == ("-", result)


def test_a_shuffle_without_seed_has_the_same_elements(here: CommandLine) -> None:
    here.applied(one("random_shuffle"))
    found = here.attributes("random_shuffle.x")
    assert sorted(found["result"]) == found["input"]


def test_a_shuffle_of_nothing(here: CommandLine) -> None:
    here.applied(one("random_shuffle", "input = []\nresult_count = 3"))
    assert here.attributes("random_shuffle.x")["result"] == []


@pytest.mark.parametrize(("seed", "result"), [("12345", 3), ("123456", 2)])
def test_a_seeded_integer_is_that_of_terraform(here: CommandLine, seed: str, result: int) -> None:
    here.applied(one("random_integer", f'min = 1\nmax = 3\nseed = "{seed}"'))
    assert here.attributes("random_integer.x")["result"] == result


@pytest.mark.parametrize("limit", [1, 2, 1000, 2**31 - 1, 2**31, 2**40, 10**18])
@pytest.mark.parametrize("seed", ["x", None])
def test_seeded_numbers_are_below_their_limit(limit: int, seed: str | None) -> None:
    random = Generator(seed)
    found = [random.below(limit) for _ in range(50)]
    assert all(0 <= number < limit for number in found)
    assert limit < 1000 or len(set(found)) > 25


def test_a_seed_always_gives_the_same_numbers() -> None:
    one, same, other = (Generator(seed) for seed in ("x", "x", "y"))
    numbers = [one.below(2**40) for _ in range(2000)]
    assert numbers == [same.below(2**40) for _ in range(2000)]
    assert numbers[:9] != [other.below(2**40) for _ in range(9)]


# What is wrong.


@pytest.mark.parametrize(
    ("kind", "written", "line", "said"),
    [
        ("random_bytes", "length = 0", 2, "Attribute length value must be at least 1, got: 0."),
        ("random_string", "length = 1.5", 2, "Attribute length value must be a whole number, got: 1.5."),
        ("random_string", "length = 3\nmin_upper = 4", 2, "must be at least sum of"),
        ("random_string", "length = 3\nnumber = true\nnumeric = false", 3, "they differ"),
        (
            "random_password",
            "length = 3\nupper = false\nlower = false\nnumeric = false\nspecial = false",
            1,
            "At least one of upper, lower, numeric and special must be true",
        ),
        ("random_integer", "min = 5\nmax = 4", 2, "The minimum value needs to be smaller than or equal to the maximum"),
        ("random_integer", "min = 0\nmax = 9223372036854775807", 3, "Make the range smaller."),
        ("random_shuffle", "input = []\nresult_count = -1", 3, "Attribute result_count value must be at least 0"),
        ("random_id", 'byte_length = 4\nhex = "x"', 3, "can't be set"),
        ("random_id", "", 1, 'The argument "byte_length" is required'),
    ],
)
@pytest.mark.parametrize("command", ["validate", "plan"])
def test_mistakes_are_told_with_their_place(
    here: CommandLine, kind: str, written: str, line: int, said: str, command: str
) -> None:
    found = " ".join(here.write(one(kind, written)).run(command, code=1).replace("│", "").split())
    assert said in found
    assert f"on main.tf line {line}" in found


def test_the_old_name_of_numeric_is_told_by_validate_and_is_no_news_in_plans(here: CommandLine) -> None:
    here.write(one("random_string", "length = 3\nnumber = false"))
    assert "Argument is deprecated" in here.run("validate")
    assert "Warning" not in here.run("plan")


# States that Terraform wrote.

OLD = {
    "random_string": {
        "id": "abc",
        "keepers": None,
        "length": 3,
        "lower": True,
        "min_lower": 0,
        "min_numeric": 0,
        "min_special": 0,
        "min_upper": 0,
        "number": False,
        "override_special": None,
        "result": "abc",
        "special": False,
        "upper": True,
    },
    "random_password": {
        "id": "none",
        "keepers": {"a": "b"},
        "length": 3,
        "lower": True,
        "min_lower": None,
        "min_numeric": None,
        "min_special": None,
        "min_upper": None,
        "number": None,
        "override_special": "",
        "result": "abc",
        "special": None,
        "upper": None,
    },
}


def state_with(kind: str, attributes: dict[str, Any], version: int) -> str:
    instance = {"schema_version": version, "attributes": attributes, "sensitive_attributes": []}
    resource = {
        "mode": "managed",
        "type": kind,
        "name": "x",
        "provider": 'provider["registry.terraform.io/hashicorp/random"]',
        "instances": [instance],
    }
    top = {"version": 4, "terraform_version": "1.3.0", "serial": 1, "lineage": "l", "outputs": {}}
    return json.dumps(top | {"resources": [resource]})


@pytest.mark.parametrize(
    ("kind", "version", "written"),
    [
        ("random_string", 1, "length = 3\nspecial = false\nnumeric = false"),
        ("random_password", 0, 'length = 3\nkeepers = { a = "b" }\noverride_special = ""'),
    ],
)
def test_a_state_of_an_old_provider_is_adopted_as_it_is(
    here: CommandLine, kind: str, version: int, written: str
) -> None:
    (here.directory / "terraform.tfstate").write_text(state_with(kind, OLD[kind], version))
    here.applied(one(kind, written))
    assert value_of(here, kind) == "abc"
    found = here.state()[f"{kind}.x"]
    assert found["schema_version"] == VERSIONS[kind]
    assert found["attributes"].keys() == ATTRIBUTES[kind]


def test_a_secret_of_an_old_state_is_hidden(here: CommandLine) -> None:
    (here.directory / "terraform.tfstate").write_text(state_with("random_password", OLD["random_password"], 0))
    here.write("")
    change = here.plan()["random_password.x"]["change"]
    assert change["actions"] == ["delete"]
    assert {name for name, mask in change["before_sensitive"].items() if mask is True} == {"bcrypt_hash", "result"}
    assert '"abc"' not in here.run("plan")
