"""`tls_private_key` and `tls_public_key`: keys as openssl and ssh-keygen take them."""

import hashlib
import subprocess
from pathlib import Path

import pytest
from command_line import CommandLine

KINDS = {
    "RSA": 'algorithm = "RSA"',
    "RSA of 3072 bits": 'algorithm = "RSA"\nrsa_bits = 3072',
    "P224": 'algorithm = "ECDSA"',
    "P256": 'algorithm = "ECDSA"\necdsa_curve = "P256"',
    "P384": 'algorithm = "ECDSA"\necdsa_curve = "P384"',
    "P521": 'algorithm = "ECDSA"\necdsa_curve = "P521"',
    "ED25519": 'algorithm = "ED25519"',
}


def said(*words: str | Path, given: str | None = None) -> str:
    return subprocess.run(words, input=given, capture_output=True, text=True, check=True).stdout


def written(directory: Path, text: str) -> Path:
    """A file that ssh-keygen reads: nobody else may."""
    path = directory / "key"
    path.write_text(text)
    path.chmod(0o600)
    return path


def key(kind: str) -> str:
    return f'resource "tls_private_key" "k" {{\n{KINDS[kind]}\n}}\n'


@pytest.mark.parametrize("kind", KINDS)
def test_each_form_is_of_the_same_key(here: CommandLine, kind: str) -> None:
    here.applied(key(kind))
    found = here.attributes("tls_private_key.k")
    for form in ("private_key_pem", "private_key_pem_pkcs8"):
        assert said("openssl", "pkey", "-pubout", given=found[form]) == found["public_key_pem"]
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "DER"],
        input=found["public_key_pem"].encode(),
        capture_output=True,
        check=True,
    ).stdout
    # The provider takes the bytes for text, and blanks from its ends.
    assert found["id"] == hashlib.sha1(der.strip()).hexdigest()
    if kind == "P224":
        ssh = ("private_key_openssh", "public_key_openssh", "public_key_fingerprint_md5")
        assert [found[name] for name in ssh] == ["", "", ""]
        return
    path = written(here.directory, found["private_key_openssh"])
    assert said("ssh-keygen", "-y", "-f", path).split()[:2] == found["public_key_openssh"].split()
    for algorithm, name in (("md5", "md5"), ("sha256", "sha256")):
        fingerprint = said("ssh-keygen", "-l", "-E", algorithm, "-f", path).split()[1]
        assert fingerprint.removeprefix("MD5:") == found[f"public_key_fingerprint_{name}"]


@pytest.mark.parametrize(
    ("kind", "own", "size"),
    [
        ("RSA", "RSA PRIVATE KEY", "2048 bit"),
        ("RSA of 3072 bits", "RSA PRIVATE KEY", "3072 bit"),
        ("P224", "EC PRIVATE KEY", "NIST CURVE: P-224"),
        ("P521", "EC PRIVATE KEY", "NIST CURVE: P-521"),
        ("ED25519", "PRIVATE KEY", "ED25519 Public-Key"),
    ],
)
def test_the_forms_are_those_of_the_provider(here: CommandLine, kind: str, own: str, size: str) -> None:
    here.applied(key(kind))
    found = here.attributes("tls_private_key.k")
    assert found["private_key_pem"].startswith(f"-----BEGIN {own}-----\n")
    assert found["private_key_pem_pkcs8"].startswith("-----BEGIN PRIVATE KEY-----\n")
    assert size in said("openssl", "pkey", "-pubin", "-text", "-noout", given=found["public_key_pem"])
    assert (found["rsa_bits"], found["ecdsa_curve"]) == (
        3072 if "3072" in kind else 2048,
        kind if kind == "P521" else "P224",
    )
    assert here.state()["tls_private_key.k"]["schema_version"] == 1


def test_private_keys_are_not_shown(here: CommandLine) -> None:
    here.write(key("ED25519"))
    shown = here.run("plan") + here.run("apply", "-auto-approve") + here.run("show")
    assert "PRIVATE KEY" not in shown
    assert "BEGIN PUBLIC KEY" in shown
    hidden = {path[0]["value"] for path in here.state()["tls_private_key.k"]["sensitive_attributes"]}
    assert hidden == {"private_key_pem", "private_key_pem_pkcs8", "private_key_openssh"}


@pytest.mark.parametrize("edit", ["P384", "ED25519"])
def test_another_kind_is_another_key_and_costs_nothing_itself(here: CommandLine, edit: str) -> None:
    here.applied(key("P256"))
    before = here.attributes("tls_private_key.k")["id"]
    change = here.write(key(edit)).plan()["tls_private_key.k"]["change"]
    assert (change["actions"], change["disruption"]) == (["delete", "create"], "none")
    here.applied(key(edit))
    assert here.attributes("tls_private_key.k")["id"] != before
    here.run("destroy", "-auto-approve")
    assert here.state() == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('algorithm = "DSA"', 'value must be one of: "RSA", "ECDSA", "ED25519"; got: "DSA"'),
        ('algorithm = "ECDSA"\necdsa_curve = "P111"', 'value must be one of: "P224", "P256", "P384", "P521"'),
    ],
)
def test_mistakes_are_told_by_validate(here: CommandLine, arguments: str, words: str) -> None:
    here.write(f'resource "tls_private_key" "k" {{\n{arguments}\n}}\n')
    assert words in " ".join(here.run("validate", "-no-color", code=1).replace("│", "").split())


def test_a_key_that_is_too_small_is_refused(here: CommandLine) -> None:
    here.write('resource "tls_private_key" "k" {\n  algorithm = "RSA"\n  rsa_bits = 512\n}\n')
    assert "An RSA key of 512 bits" in here.run("apply", "-auto-approve", code=1)


def test_a_key_that_an_old_provider_recorded_gets_what_is_missing(here: CommandLine) -> None:
    here.applied(key("P256"))
    complete = here.attributes("tls_private_key.k")
    path = here.directory / "terraform.tfstate"
    text = path.read_text()
    for name in ("private_key_openssh", "private_key_pem_pkcs8", "public_key_fingerprint_sha256"):
        start = text.index(f'"{name}": ')
        text = text[:start] + text[text.index("\n", start) + 1 :].lstrip()
    path.write_text(text.replace('"schema_version": 1', '"schema_version": 0'))
    assert "private_key_openssh" not in here.attributes("tls_private_key.k")
    here.run("plan", "-detailed-exitcode")
    here.write(key("P256") + 'output "o" { value = tls_private_key.k.public_key_fingerprint_sha256 }\n')
    here.run("apply", "-auto-approve")
    assert here.outputs()["o"] == complete["public_key_fingerprint_sha256"]


@pytest.mark.parametrize("form", ["private_key_pem", "private_key_openssh"])
@pytest.mark.parametrize("kind", ["RSA", "P256", "ED25519"])
def test_the_public_key_is_told_of_a_private_one(here: CommandLine, kind: str, form: str) -> None:
    here.applied(
        f"""
        {key(kind)}
        data "tls_public_key" "p" {{ {form} = tls_private_key.k.{form} }}
        output "p" {{
          value     = data.tls_public_key.p
          sensitive = true
        }}
        """
    )
    made, told = here.attributes("tls_private_key.k"), here.outputs()["p"]
    same = [name for name in made if name.startswith("public_") or name in ("id", "algorithm")]
    assert {name: told[name] for name in same} == {name: made[name] for name in same}


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("", "Exactly one of these attributes must be configured"),
        ('private_key_pem = "secret nonsense"', '"private_key_pem" must be a private key in PEM form'),
        ('private_key_openssh = "secret nonsense"', '"private_key_openssh" must be a private key in OpenSSH'),
    ],
)
def test_a_text_that_is_no_key_is_told_and_not_shown(here: CommandLine, argument: str, words: str) -> None:
    here.write(
        f'data "tls_public_key" "p" {{ {argument.replace("secret", "$" + "{local.s}")} }}\nlocals {{ s = "hush" }}\n'
    )
    output = here.run("plan", code=1)
    assert words in " ".join(output.replace("│", "").split())
    assert "hush nonsense" not in output
