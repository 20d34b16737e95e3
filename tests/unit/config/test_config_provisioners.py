"""What `provisioner` and `connection` blocks may say, and what they see."""

from __future__ import annotations

from textwrap import indent

import pytest
from configurations import decoded, errors_of, evaluation, load, problems_of, put, reads_of, told

from kvmform.address import parse_instance
from kvmform.config.module import Provisioner
from kvmform.config.provisioning import Provisioning
from kvmform.diagnostics import Diagnostic
from kvmform.values.model import Unknown

SSH = 'connection {\n  host = "10.0.0.1"\n}\n'


OTHER = 'resource "libvirt_thing" "z" {\n  name = "z"\n}\n'


def thing(*blocks: str, more: str = "") -> str:
    inside = indent("\n".join(blocks), "  ")
    return f'resource "libvirt_thing" "a" {{\n  name = "a"\n{more}\n{inside}\n}}\n{OTHER}'


def provisioner(arguments: str, kind: str = "local-exec") -> str:
    return f'provisioner "{kind}" {{\n{indent(arguments, "  ")}\n}}'


def read(text: str) -> tuple[Provisioner, ...]:
    return load(text).resources["managed", "libvirt_thing", "a"].provisioners


def planned(text: str) -> list[Diagnostic]:
    """What is wrong once the thing is to be made."""
    found = evaluation(text)
    return list(problems_of(lambda: found.check_provisioners(*found.locate(parse_instance("libvirt_thing.a")))))


def at_apply(text: str, **values: object) -> list[Provisioning]:
    """What the provisioners shall do once the thing is there."""
    found = evaluation(text, planning=False)
    put(found, "libvirt_thing.z", {"name": "z", "id": "z-id"})
    put(found, "libvirt_thing.a", {"name": "a", **values})
    return [evaluated() for _, evaluated in found.first_provisioners(parse_instance("libvirt_thing.a"))]


# Reading.


def test_words_have_defaults_and_may_stand_in_quotes() -> None:
    (plain, quoted, bare) = read(
        thing(
            provisioner('command = "x"'),
            provisioner('command = "x"\nwhen = "destroy"\non_failure = "continue"'),
            provisioner('command = "x"\nwhen = create\non_failure = fail'),
        )
    )
    assert (plain.type, plain.when, plain.on_failure, plain.connection) == ("local-exec", "create", "fail", None)
    assert (quoted.when, quoted.on_failure) == ("destroy", "continue")
    assert (bare.when, bare.on_failure) == ("create", "fail")


def test_the_connection_of_a_provisioner_is_laid_over_that_of_the_resource() -> None:
    shared = 'connection {\n  host = "h"\n  user = "u"\n}'
    own = provisioner('inline = ["x"]\nconnection {\n  user = "other"\n  port = 23\n}', "remote-exec")
    first, second = at_apply(thing(shared, own, provisioner('inline = ["y"]', "remote-exec")))
    assert first.connection is not None
    assert second.connection is not None
    assert [first.connection[name] for name in ("host", "user", "port")] == ["h", "other", 23]
    assert [second.connection[name] for name in ("host", "user", "port", "timeout")] == ["h", "u", 22, "5m"]


def test_json_has_them_too() -> None:
    text = """
        {"resource": {"libvirt_thing": {"a": {"name": "a", "connection": {"host": "h"}, "provisioner": [
          {"local-exec": {"command": "echo ${self.name}", "when": "destroy"}},
          {"file": {"content": "x", "destination": "/x", "on_failure": "continue"}}
        ]}}}}
    """
    first, second = load({"main.tf.json": text}).resources["managed", "libvirt_thing", "a"].provisioners
    assert (first.type, first.when) == ("local-exec", "destroy")
    assert (second.type, second.on_failure) == ("file", "continue")
    assert second.connection is not None


def test_an_override_takes_the_place_of_all() -> None:
    over = thing(provisioner('command = "new"')).removesuffix(OTHER)
    module = load({"main.tf": thing(provisioner('command = "1"'), provisioner('command = "2"')), "override.tf": over})
    assert len(module.resources["managed", "libvirt_thing", "a"].provisioners) == 1


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("provisioner {\n}", "provisioner: Missing type for provisioner"),
        ('provisioner "file" "x" {\n}', '"x": Extraneous label for provisioner'),
        ('provisioner "chef" {\n}', '"chef": Unsupported provisioner type'),
        (provisioner('command = "x"\nwhen = sometimes'), 'sometimes: Invalid "when" keyword'),
        (provisioner('command = "x"\non_failure = "ignore"'), '"ignore": Invalid "on_failure" keyword'),
        (provisioner('command = "x"\nlifecycle {\n}'), "lifecycle: Unsupported block type"),
        (provisioner('command = "x"\ncolour = 1'), "colour: Unsupported argument"),
        (provisioner(""), "{: Missing required argument"),
        (SSH.replace("host", "hosts"), "hosts: Unsupported argument"),
        (SSH + SSH, "connection: Duplicate connection block"),
        (provisioner(f'command = "x"\n{SSH}{SSH}'), "connection: Duplicate connection block"),
        (provisioner("command = libvirt_thing.a.name"), "libvirt_thing.a: Self-referential block"),
        (provisioner('command = "${count.index}"'), 'count.index: Reference to "count" in non-counted context'),
        (provisioner("command = local.nothing"), "local.nothing: Reference to undeclared local value"),
    ],
)
def test_what_is_written_wrongly_is_told_with_its_place(block: str, expected: str) -> None:
    (problem,) = errors_of(thing(block))
    assert problem.partition(" ")[2] == expected


def test_data_sources_have_none() -> None:
    text = f'data "libvirt_thing" "a" {{\n  name = "a"\n{provisioner("command = 1")}\n}}'
    (problem,) = errors_of(text)
    assert problem.endswith(' provisioner "local-exec": Unsupported block type')


# Destroy-time provisioners refer to their own object only.


@pytest.mark.parametrize("reference", ["self.name", "path.module", "terraform.workspace"])
def test_what_they_may_refer_to(reference: str) -> None:
    assert evaluation(thing(provisioner(f'when = destroy\ncommand = "${{{reference}}}"')))


def test_the_key_of_an_instance_is_one_of_that() -> None:
    counted = provisioner('when = destroy\ncommand = "${count.index}"')
    assert evaluation(thing(counted, more="count = 2"))
    each = provisioner('when = destroy\ncommand = "${each.key}"')
    assert evaluation(thing(each, more='for_each = { x = "y" }'))


@pytest.mark.parametrize("reference", ["libvirt_thing.z.id", "each.value", "path.module == 1 ? local.l : local.l"])
def test_what_they_may_not_refer_to(reference: str) -> None:
    text = "locals {\n  l = 1\n}\n" + thing(
        provisioner(f'when = destroy\ncommand = "${{{reference}}}"'), more='for_each = { x = "y" }'
    )
    found = {problem.partition(": ")[2] for problem in errors_of(text)}
    assert found == {"Invalid reference from destroy provisioner"}


def test_the_connection_that_they_use_neither() -> None:
    shared = "connection {\n  host = libvirt_thing.z.id\n}"
    last = provisioner('when = destroy\ninline = ["x"]', "remote-exec")
    assert len(errors_of(thing(shared, last))) == 1
    assert evaluation(thing(shared, provisioner('inline = ["x"]', "remote-exec")))


# Values.


def test_they_see_the_real_object_and_the_others() -> None:
    (found,) = at_apply(thing(provisioner('command = "${self.id} ${libvirt_thing.z.id}"')), id="a-id")
    assert found.config["command"] == "a-id z-id"
    assert not found.is_secret


def test_what_they_refer_to_is_read_by_the_thing() -> None:
    text = thing("connection {\n  host = libvirt_thing.z.id\n}", provisioner('inline = ["x"]', "remote-exec"))
    found = evaluation(text)
    put(found, "libvirt_thing.z", {"name": "z"})
    assert reads_of(found, "libvirt_thing.a") == ["libvirt_thing.z"]


def test_while_planning_nothing_is_known_of_self() -> None:
    text = thing(provisioner('command = "${self.name} ${self.part[0].slot}"'))
    assert not isinstance(decoded(evaluation(text), "libvirt_thing.a")[0].object["name"], Unknown)


def test_a_secret_is_noticed_in_what_is_done_and_not_in_the_connection() -> None:
    shared = 'connection {\n  host = "h"\n  password = self.secret\n}'
    text = thing(
        shared, provisioner("inline = [self.secret]", "remote-exec"), provisioner('inline = ["x"]', "remote-exec")
    )
    found = evaluation(text, planning=False)
    put(found, "libvirt_thing.a", {"name": "a", "secret": "s"}, sensitive=[("secret",)])
    turns = found.first_provisioners(parse_instance("libvirt_thing.a"))
    assert [evaluated().is_secret for _, evaluated in turns] == [True, False]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (provisioner('command = ""'), ['"": Invalid local-exec provisioner command']),
        (provisioner("command = self.nothing"), [".nothing: Unsupported attribute"]),
        (
            provisioner('inline = ["x"]', "remote-exec"),
            ['provisioner "remote-exec": Missing connection configuration for provisioner'],
        ),
        (
            SSH + provisioner("", "remote-exec"),
            ['provisioner "remote-exec": Invalid remote-exec provisioner configuration'],
        ),
        (
            SSH + provisioner('inline = ["x"]\nscript = "y"', "remote-exec"),
            ['"y": Invalid remote-exec provisioner configuration'],
        ),
        (
            SSH + provisioner('inline = ["x", null]', "remote-exec"),
            ['["x", null]: Invalid remote-exec provisioner configuration'],
        ),
        (
            SSH + provisioner('destination = "x"', "file"),
            ['provisioner "file": Invalid file provisioner configuration'],
        ),
    ],
)
def test_what_would_not_work_is_told_by_the_plan(block: str, expected: list[str]) -> None:
    found = [told(problem).partition(" ")[2] for problem in planned(thing(block))]
    assert [text.rpartition(": ")[2] for text in found] == [text.rpartition(": ")[2] for text in expected]
    assert [text.rpartition(": ")[0] for text in found][:1] == [expected[0].rpartition(": ")[0]]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ('type = "winrm"', '"winrm": WinRM connections are not supported'),
        ('type = "telnet"', '"telnet": Unsupported connection type'),
        ('timeout = "soon"', '"soon": Invalid connection timeout'),
        ('target_platform = "plan9"', '"plan9": Invalid target platform'),
        ("port = 0", "0: Invalid port"),
        ("port = 70000", "70000: Invalid port"),
        ('proxy_host = "p"', '"p": Missing proxy port'),
        ('proxy_host = "p"\nproxy_port = 1\nproxy_scheme = "https"', '"https": Unsupported proxy'),
        ('host_key = "fingerprint"', '"fingerprint": Invalid host key'),
        ("https = true", ""),
        ('type = ""\n timeout = ""\n target_platform = ""\n user = ""\n host_key = ""', ""),
        ('bastion_host = ""\n proxy_host = ""\n proxy_scheme = ""\n bastion_host_key = ""\n password = ""', ""),
    ],
)
def test_connections_that_would_not_work_are_told_by_the_plan(argument: str, expected: str) -> None:
    text = thing(f'connection {{\n  host = "h"\n  {argument}\n}}', provisioner('inline = ["x"]', "remote-exec"))
    if not expected:
        assert at_apply(text)
        return
    (problem,) = planned(text)
    assert told(problem).partition(" ")[2] == expected


@pytest.mark.parametrize("timeout", ["5m", "1h30m", "1.5s", "300ms", "0"])
def test_timeouts_are_written_as_gos_durations(timeout: str) -> None:
    text = thing(
        f'connection {{\n  host = "h"\n  timeout = "{timeout}"\n}}', provisioner('inline = ["x"]', "remote-exec")
    )
    assert at_apply(text)
