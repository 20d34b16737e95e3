"""What the source of a module block means, and the normal form that is recorded: as Terraform 1.11 has it."""

from __future__ import annotations

import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.modules.source import LocalSource, RegistrySource, RemoteSource, parse_source


@pytest.mark.parametrize(
    ("text", "recorded"),
    [
        ("./web", "./web"),
        ("./modules//web/", "./modules/web"),
        ("../../shared", "../../shared"),
        ("./a/../b", "./b"),
        ("ns/name/libvirt", "registry.terraform.io/ns/name/libvirt"),
        ("ns/name/libvirt//modules/x", "registry.terraform.io/ns/name/libvirt//modules/x"),
        ("app.example.com/ns/name/libvirt", "app.example.com/ns/name/libvirt"),
        ("App.Example.com:8443/ns/name/libvirt//x", "app.example.com:8443/ns/name/libvirt//x"),
        ("github.com/a/b", "git::https://github.com/a/b.git"),
        ("github.com/a/b.git", "git::https://github.com/a/b.git"),
        ("github.com/a/b/c?ref=x", "git::https://github.com/a/b.git//c?ref=x"),
        ("github.com/a/b//c?ref=x", "git::https://github.com/a/b.git//c?ref=x"),
        ("github.com/a/b/c//d?ref=x", "git::https://github.com/a/b.git//c/d?ref=x"),
        ("bitbucket.org/a/b", "git::https://bitbucket.org/a/b.git"),
        ("git@github.com:a/b.git", "git::ssh://git@github.com/a/b.git"),
        ("git@127.0.0.1:a/b//c?ref=v1", "git::ssh://git@127.0.0.1/a/b//c?ref=v1"),
        ("git::git@example.com:/a/b.git", "git::ssh://git@example.com/a/b.git"),
        ("git::github.com/a/b", "git::https://github.com/a/b.git"),
        ("git::ssh://git@h.example:22/a.git//x/../y?ref=1", "git::ssh://git@h.example:22/a.git//y?ref=1"),
        ("git::https://h.example/a.git//", "git::https://h.example/a.git"),
        ("git::http://h.example/a?ref=1&depth=2", "git::http://h.example/a?ref=1&depth=2"),
        ("hg::http://h.example/a", "hg::http://h.example/a"),
        ("https://h.example/a.zip//x", "https://h.example/a.zip//x"),
        ("/opt/a module//x", "file:///opt/a module//x"),
        ("s3::https://s3-eu-west-1.amazonaws.com/b/m.zip", "s3::https://s3-eu-west-1.amazonaws.com/b/m.zip"),
    ],
)
def test_forms_of_sources(text: str, recorded: str) -> None:
    assert str(parse_source(text, versioned=False)) == recorded


def test_kinds_of_sources() -> None:
    assert parse_source("./x", versioned=False) == LocalSource("./x")
    assert parse_source("a/b/c//d", versioned=True) == RegistrySource("registry.terraform.io", "a", "b", "c", "d")
    assert parse_source("github.com/a/b/c", versioned=False) == RemoteSource("git::https://github.com/a/b.git", "c")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modules/web", 'use "./modules/web" instead'),
        ("web", 'use "./web" instead'),
        (".", 'use "./." instead'),
        ("foo/a/b/c", 'use "./foo/a/b/c" instead'),
        ("user@h.example:a/b", 'use "./user@h.example:a/b" instead'),
        ("", "it is empty"),
        ("github.com/a", "GitHub URLs should be github.com/username/repo"),
        ("git::file:///x//../y", 'subdirectory path "../y" leads outside of the module package'),
        ("A_b/a/b//../c", 'subdirectory path "../c" leads outside of the module package'),
    ],
)
def test_what_is_no_source(text: str, said: str) -> None:
    with pytest.raises(DiagnosticError) as problem:
        parse_source(text, versioned=False)
    (diagnostic,) = problem.value.diagnostics
    assert diagnostic.summary == "Invalid module source address"
    assert said in diagnostic.detail


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("./m", "can't use local directory"),
        ("git::file:///x/y/z", "either three or four slash-separated components"),
        ("github.com/a/b/c", "reserved for installing directly from version control"),
        ("localhost:80/a/b/c", "must contain at least one dot"),
        ("a/b/C", 'invalid target system "C"'),
        ("-a/b/c", 'invalid namespace "-a"'),
    ],
)
def test_only_modules_of_registries_have_versions(text: str, said: str) -> None:
    with pytest.raises(DiagnosticError) as problem:
        parse_source(text, versioned=True)
    (diagnostic,) = problem.value.diagnostics
    assert diagnostic.summary == "Invalid registry module source address"
    assert said in diagnostic.detail
    assert 'also set the argument "version"' in diagnostic.detail
