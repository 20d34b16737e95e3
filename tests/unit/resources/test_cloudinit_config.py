"""`cloudinit_config` and `template_cloudinit_config`: user data in several parts, as Python's own reader takes it."""

import base64
import email
import email.policy
import gzip
import zlib

import pytest
from command_line import CommandLine

BOTH = pytest.mark.parametrize("name", ["cloudinit_config", "template_cloudinit_config"])

PARTS = """
    part {
      content_type = "text/cloud-config"
      content      = "#cloud-config\\nhostname: é\\n"
      filename     = "init.cfg"
      merge_type   = "list(append)+dict(recurse_array)+str()"
    }
    part {
      content = "#!/bin/sh\\necho hello"
    }
"""

MESSAGE = (
    'Content-Type: multipart/mixed; boundary="MIMEBOUNDARY"\n'
    "MIME-Version: 1.0\r\n"
    "\r\n"
    "--MIMEBOUNDARY\r\n"
    'Content-Disposition: attachment; filename="init.cfg"\r\n'
    "Content-Transfer-Encoding: 7bit\r\n"
    "Content-Type: text/cloud-config\r\n"
    "Mime-Version: 1.0\r\n"
    "X-Merge-Type: list(append)+dict(recurse_array)+str()\r\n"
    "\r\n"
    "#cloud-config\nhostname: é\n\r\n"
    "--MIMEBOUNDARY\r\n"
    "Content-Transfer-Encoding: 7bit\r\n"
    "Content-Type: text/plain\r\n"
    "Mime-Version: 1.0\r\n"
    "\r\n"
    "#!/bin/sh\necho hello\r\n"
    "--MIMEBOUNDARY--\r\n"
)
"""What Go's mime/multipart writes for these parts, byte for byte."""


def rendered(here: CommandLine, name: str, arguments: str) -> str:
    here.applied(
        f"""
        data "{name}" "c" {{
          {arguments}
          {PARTS}
        }}
        output "c" {{ value = data.{name}.c }}
        """
    )
    found = here.outputs()["c"]
    assert found["id"] == str(zlib.crc32(found["rendered"].encode()))
    text: str = found["rendered"]
    return text


@BOTH
def test_the_message_is_that_of_the_provider(here: CommandLine, name: str) -> None:
    assert rendered(here, name, "gzip = false\nbase64_encode = false") == MESSAGE


@BOTH
def test_it_is_compressed_and_in_base64_unless_something_else_is_written(here: CommandLine, name: str) -> None:
    packed = base64.b64decode(rendered(here, name, ""))
    assert gzip.decompress(packed).decode() == MESSAGE
    # No time and no name in the header, as Go writes it: the same parts are always the same bytes.
    assert packed[:10] == b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


@BOTH
def test_it_may_be_in_base64_without_being_compressed(here: CommandLine, name: str) -> None:
    assert base64.b64decode(rendered(here, name, "gzip = false")).decode() == MESSAGE


def test_a_reader_of_mail_finds_the_parts(here: CommandLine) -> None:
    text = rendered(here, "cloudinit_config", 'gzip = false\nbase64_encode = false\nboundary = "// other"')
    message = email.message_from_bytes(text.encode(), policy=email.policy.default)
    assert message.get_boundary() == "// other"
    config, script = message.iter_parts()
    assert (config.get_content_type(), config.get_filename()) == ("text/cloud-config", "init.cfg")
    assert config["X-Merge-Type"] == "list(append)+dict(recurse_array)+str()"
    assert script.get_content_type() == "text/plain"
    assert script.get_payload() == "#!/bin/sh\necho hello"


def test_defaults_are_told_as_the_provider_tells_them(here: CommandLine) -> None:
    for name in ("cloudinit_config", "template_cloudinit_config"):
        here.applied(f'data "{name}" "c" {{\n  part {{ content = "x" }}\n}}\noutput "c" {{ value = data.{name}.c }}\n')
        found = here.outputs()["c"]
        is_new = name == "cloudinit_config"
        assert (found["gzip"], found["base64_encode"]) == (True, True)
        assert found.get("boundary") == ("MIMEBOUNDARY" if is_new else None)
        part = found["part"][0]
        assert (part["content_type"], part["filename"]) == (("text/plain", None) if is_new else ("", ""))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("base64_encode = false", "Expected base64_encode to be set to true when gzip is true"),
        ('boundary = ""', "a boundary has 1 to 70 letters"),
        ('boundary = "ends with a blank "', "a boundary has 1 to 70 letters"),
    ],
)
def test_what_cannot_be_is_told_by_validate(here: CommandLine, arguments: str, said: str) -> None:
    here.write(f'data "cloudinit_config" "c" {{\n  {arguments}\n  part {{ content = "x" }}\n}}\n')
    output = here.run("validate", "-no-color", code=1)
    assert said in " ".join(output.replace("│", "").split())
    assert "main.tf line 2" in output


@BOTH
def test_there_must_be_a_part(here: CommandLine, name: str) -> None:
    here.write(f'data "{name}" "c" {{}}\n')
    assert 'At least 1 "part" blocks are required' in here.run("validate", "-no-color", code=1)


@BOTH
def test_the_resource_keeps_it_and_is_replaced_with_any_part(here: CommandLine, name: str) -> None:
    resource = f'resource "{name}" "c" {{\n  gzip = false\n  part {{ content = "%s" }}\n}}\n'
    here.applied(resource % "one")
    before = here.attributes(f"{name}.c")
    assert "one" in base64.b64decode(before["rendered"]).decode()
    here.write(resource % "two")
    change = here.plan()[f"{name}.c"]["change"]
    assert (change["actions"], change["disruption"]) == (["delete", "create"], "none")
    here.applied(resource % "two")
    assert here.attributes(f"{name}.c")["id"] != before["id"]
    here.run("destroy", "-auto-approve")
    assert here.state() == {}
