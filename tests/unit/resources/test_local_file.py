"""`local_file` and `local_sensitive_file`: files on this machine, and what is in them."""

import base64
import hashlib
import os
import stat
from pathlib import Path

import pytest
from command_line import CommandLine

BOTH = pytest.mark.parametrize("name", ["local_file", "local_sensitive_file"])


@pytest.fixture(autouse=True)
def mask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def resource(name: str, content: str = "hello é\\n", more: str = "") -> str:
    return f'resource "{name}" "f" {{\n  filename = "a/b/f.txt"\n  content = "{content}"\n  {more}\n}}\n'


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@BOTH
def test_it_is_written_with_its_directories_and_checksums(here: CommandLine, name: str) -> None:
    here.applied(resource(name))
    path, content = here.directory / "a/b/f.txt", "hello é\n".encode()
    assert path.read_bytes() == content
    usual = 0o777 if name == "local_file" else 0o700
    assert [mode(each) for each in (path, path.parent, path.parent.parent)] == [usual & ~0o022] * 3
    found = here.attributes(f"{name}.f")
    assert found["id"] == found["content_sha1"] == hashlib.sha1(content).hexdigest()
    for algorithm in ("md5", "sha256", "sha512"):
        assert found[f"content_{algorithm}"] == hashlib.new(algorithm, content).hexdigest()
    for algorithm in ("sha256", "sha512"):
        digest = hashlib.new(algorithm, content).digest()
        assert found[f"content_base64{algorithm}"] == base64.b64encode(digest).decode()


@BOTH
def test_permissions_are_as_written(here: CommandLine, name: str) -> None:
    here.applied(resource(name, more='file_permission = "0640"\n  directory_permission = "750"'))
    path = here.directory / "a/b/f.txt"
    assert [mode(each) for each in (path, path.parent, path.parent.parent)] == [0o640, 0o750, 0o750]


@BOTH
@pytest.mark.parametrize(
    "source", ['content_base64 = "AAH/"', 'source = "in.bin"', 'content_base64 = base64encode(file("in.txt"))']
)
def test_content_may_come_from_elsewhere(here: CommandLine, name: str, source: str) -> None:
    (here.directory / "in.bin").write_bytes(b"\0\1\xff")
    (here.directory / "in.txt").write_bytes(b"text")
    here.applied(f'resource "{name}" "f" {{\n  filename = "${{path.module}}/out"\n  {source}\n}}\n')
    assert (here.directory / "out").read_bytes() == (b"text" if "in.txt" in source else b"\0\1\xff")


@BOTH
def test_other_content_writes_it_anew_and_no_guest_notices(here: CommandLine, name: str) -> None:
    here.applied(resource(name)).write(resource(name, "other"))
    change = here.plan()[f"{name}.f"]["change"]
    assert (change["actions"], change["disruption"]) == (["delete", "create"], "live")
    here.applied(resource(name, "other"))
    assert (here.directory / "a/b/f.txt").read_text() == "other"


def test_a_file_of_another_block_waits_until_the_old_one_is_deleted(here: CommandLine) -> None:
    for name in ("a", "b", "c", "d"):
        here.applied(f'resource "local_file" "{name}" {{\n  filename = "./f.txt"\n  content = "{name}"\n}}\n')
        assert (here.directory / "f.txt").read_text() == name


def test_a_new_file_that_is_to_come_before_the_old_one_goes_is_not_lost_with_it(here: CommandLine) -> None:
    text = resource("local_file", "%s", "lifecycle {\n    create_before_destroy = true\n  }")
    here.applied(text % "one").applied(text % "two")
    assert (here.directory / "a/b/f.txt").read_text() == "two"
    said = here.applied(text.replace("a/b/", "c/") % "two").run("show")
    assert "c/f.txt" in said
    assert not (here.directory / "a/b/f.txt").exists()


def test_another_name_moves_it(here: CommandLine) -> None:
    here.applied(resource("local_file")).applied(resource("local_file").replace("a/b/f.txt", "c.txt"))
    assert not (here.directory / "a/b/f.txt").exists()
    assert (here.directory / "c.txt").read_text() == "hello é\n"


@BOTH
@pytest.mark.parametrize("what", ["deleted", "changed", "a directory on the way is gone"])
def test_a_file_that_is_not_as_written_is_written_again(here: CommandLine, name: str, what: str) -> None:
    here.applied(resource(name))
    path = here.directory / "a/b/f.txt"
    match what:
        case "changed":
            path.write_text("by somebody else")
        case "deleted":
            path.unlink()
        case _:
            path.unlink()
            path.parent.rmdir()
            path.parent.write_text("a file where there was a directory")
    assert here.actions() == {f"{name}.f": ["create"]}
    if path.parent.is_file():
        path.parent.unlink()
    here.applied(resource(name))
    assert path.read_text() == "hello é\n"


@BOTH
def test_it_is_deleted_and_directories_stay(here: CommandLine, name: str) -> None:
    here.applied(resource(name))
    assert "Disruption: live" in here.run("destroy", "-auto-approve")
    assert not (here.directory / "a/b/f.txt").exists()
    assert (here.directory / "a/b").is_dir()


def test_a_file_that_somebody_else_changed_is_not_deleted(here: CommandLine) -> None:
    here.applied(resource("local_file"))
    (here.directory / "a/b/f.txt").write_text("by somebody else")
    here.run("destroy", "-auto-approve")
    assert (here.directory / "a/b/f.txt").read_text() == "by somebody else"


@BOTH
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("", "Exactly one of these attributes must be configured: content"),
        ('content = "x"\nsource = "y"', 'Attribute "content" cannot be specified when "source" is specified'),
        ('content = "x"\nfile_permission = "644 "', "bad mode permission"),
        ('content = "x"\nfile_permission = "0888"', "bad mode permission"),
        ('content = "x"\ndirectory_permission = "7777"', "bad mode permission"),
    ],
)
def test_mistakes_are_told_by_validate(here: CommandLine, name: str, arguments: str, said: str) -> None:
    here.write(f'resource "{name}" "f" {{\n  filename = "f"\n  {arguments}\n}}\n')
    assert said in " ".join(here.run("validate", "-no-color", code=1).replace("│", "").split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ('filename = "f"\nsource = "nowhere"', "nowhere can't be read: No such file or directory"),
        ('filename = "f"\ncontent_base64 = "!"', '"content_base64" must be in base64'),
        ('filename = "main.tf/f"\ncontent = "x"', "can't be written: Not a directory"),
        ('filename = "."\ncontent = "x"', "can't be written: Is a directory"),
        ('filename = "a\\u0000"\ncontent = "x"', "No file has a NUL character in its name"),
        ('filename = "f"\nsource = "a\\u0000"', "No file has a NUL character in its name"),
    ],
)
def test_what_fails_is_told_and_can_be_tried_again(here: CommandLine, arguments: str, said: str) -> None:
    here.write(f'resource "local_file" "f" {{\n{arguments}\n}}\n')
    output = here.run("apply", "-auto-approve", code=1)
    assert said in " ".join(output.replace("│", "").split())
    assert "with local_file.f" in output
    here.applied('resource "local_file" "f" {\n  filename = "f"\n  content = "x"\n}\n')


def test_secret_content_is_never_shown(here: CommandLine) -> None:
    here.write(resource("local_sensitive_file", "very secret"))
    assert "very secret" not in here.run("plan")
    assert "very secret" not in here.run("apply", "-auto-approve")
    here.write(resource("local_sensitive_file", "more secret"))
    output = here.run("plan")
    assert "secret" not in output.replace("local_sensitive_file", "")
    assert here.state()["local_sensitive_file.f"]["sensitive_attributes"] == [
        [{"type": "get_attr", "value": "content"}]
    ]


def test_the_old_form_of_secret_content_still_works_and_validate_tells_the_new_one(here: CommandLine) -> None:
    here.write(
        'resource "local_file" "f" {\n  filename = "f"\n  sensitive_content = join(" ", ["very", "secret"])\n}\n'
    )
    assert "local_sensitive_file" in here.run("validate")
    output = here.run("apply", "-auto-approve")
    assert "very secret" not in output
    assert "Warning" not in output
    assert (here.directory / "f").read_text() == "very secret"


@BOTH
def test_the_data_source_tells_what_is_in_a_file(here: CommandLine, name: str) -> None:
    (here.directory / "in.bin").write_bytes(b"a\xffb")
    here.applied(
        f"""
        data "{name}" "f" {{ filename = "in.bin" }}
        output "f" {{
          value     = data.{name}.f
          sensitive = true
        }}
        """
    )
    found = here.outputs()["f"]
    assert (found["content"], found["content_base64"]) == ("a\N{REPLACEMENT CHARACTER}b", "Yf9i")
    assert found["id"] == found["content_sha1"] == hashlib.sha1(b"a\xffb").hexdigest()
    assert found["content_sha256"] == hashlib.sha256(b"a\xffb").hexdigest()


def test_what_is_in_a_secret_file_may_not_be_shown_by_mistake(here: CommandLine) -> None:
    (here.directory / "in").write_text("very secret")
    here.write(
        'data "local_sensitive_file" "f" { filename = "in" }\n'
        'output "f" { value = data.local_sensitive_file.f.content }\n'
    )
    output = here.run("plan", code=1)
    assert "Output refers to sensitive values" in output
    assert "very secret" not in output


def test_a_file_that_is_not_there_is_an_error_of_the_data_source(here: CommandLine) -> None:
    here.write('data "local_file" "f" { filename = "nowhere" }\n')
    output = here.run("plan", code=1)
    assert "nowhere can't be read: No such file or directory" in " ".join(output.replace("│", "").split())
    assert "main.tf line 1" in output
