"""Functions on files and their paths."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from function_calls import LATER, assert_fails, failure, value

from kvmform.lang.functions.glob import PatternError, compile_name, glob_files
from kvmform.values.marks import marks_in
from kvmform.values.model import SENSITIVE, SetValue, Unknown
from kvmform.values.types import STRING, SetType


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A directory with some files, a hidden one, and links."""
    for name in ("a.txt", "b.cfg", ".hidden", "s[1].txt", "sub/c.txt", "sub/deep/d.txt", "sub/deep/e.cfg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "link").symlink_to("sub")
    (tmp_path / "sub" / "loop").symlink_to("..")
    return tmp_path


def test_reading_files(tmp_path):
    (tmp_path / "key.pub").write_bytes("ssh-ed25519 e\u0301\n".encode())
    directory = str(tmp_path)
    assert value('file("key.pub")', directory=directory) == "ssh-ed25519 é\n"
    assert value('file("./x/../key.pub")', directory=directory) == "ssh-ed25519 é\n"
    assert value(f'file("{tmp_path}/key.pub")') == "ssh-ed25519 é\n"
    assert value('filebase64("key.pub")', directory=directory) == "c3NoLWVkMjU1MTkgZcyBCg=="
    assert marks_in(value('file(sensitive("key.pub"))', directory=directory)) == {SENSITIVE}


def test_files_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "id.pub").write_text("key")
    assert value('file("~/id.pub")') == "key"
    assert value('fileexists("~/id.pub")') is True
    assert value('pathexpand("~")') == str(tmp_path)
    assert value('pathexpand("~/a/../b")') == f"{tmp_path}/b"
    assert value('pathexpand("a/~")') == "a/~"
    assert_fails('pathexpand("~root/a")', "cannot expand the home directory of another user")


@pytest.mark.parametrize(
    ("call", "because"),
    [
        ('file("nosuch")', 'no file exists at "nosuch"; this function reads files that are there before'),
        ('file("directory")', 'failed to read "directory": is a directory'),
        ('file("binary")', 'contents of "binary" are not valid UTF-8; use filebase64'),
        ('file("a\\u0000b")', "embedded null byte"),
        ('filemd5("nosuch")', 'no file exists at "nosuch"'),
        ('fileexists("directory")', 'directory" is a directory, not a regular file'),
        ('fileexists("")', "is a directory, not a regular file"),
        ('fileexists("socket")', "is a unix domain socket, not a regular file"),
        ('fileexists("pipe")', "is a named pipe, not a regular file"),
        ('fileexists("/dev/null")', '"/dev/null" is a device node, not a regular file'),
        ('fileexists("a\\u0000b")', "embedded null byte"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, monkeypatch, call, because):
    (tmp_path / "directory").mkdir()
    (tmp_path / "binary").write_bytes(b"\xff")
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert_fails(call, because, directory=str(tmp_path))


def test_a_missing_file_is_the_argument_s_fault():
    assert failure('file("nosuch")').subject.text == "nosuch"
    assert failure('filesha1("nosuch")').subject.text == "filesha1("


def test_a_secret_path_is_not_told():
    assert "hunter2" not in failure('file(sensitive("hunter2"))').detail


def test_fileexists(tree):
    assert value('fileexists("a.txt")', directory=str(tree)) is True
    assert value('fileexists("nosuch")', directory=str(tree)) is False
    assert value('fileexists("a.txt/nosuch")', directory=str(tree)) is False


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('basename("a/b.txt")', "b.txt"),
        ('basename("a/b/")', "b"),
        ('basename("/")', "/"),
        ('basename("")', "."),
        ('dirname("a/b.txt")', "a"),
        ('dirname("a/b/")', "a/b"),
        ('dirname("a//b")', "a"),
        ('dirname("a")', "."),
        ('dirname("")', "."),
        ('dirname("/")', "/"),
        ('abspath("/a/../b/")', "/b"),
    ],
)
def test_paths(call, expected):
    assert value(call) == expected


def test_abspath_starts_in_the_context_s_directory(tmp_path):
    assert value('abspath("a/../b")', directory=str(tmp_path)) == f"{tmp_path}/b"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*", [".hidden", "a.txt", "b.cfg", "s[1].txt"]),
        ("*.txt", ["a.txt", "s[1].txt"]),
        ("?.*", ["a.txt", "b.cfg"]),
        ("[ab].*", ["a.txt", "b.cfg"]),
        ("[^a-r.]*", ["s[1].txt"]),
        ("s\\[1\\].txt", ["s[1].txt"]),
        ("{a,s*}.txt", ["a.txt", "s[1].txt"]),
        ("{a.{txt,cfg},b.cfg}", ["a.txt", "b.cfg"]),
        ("sub/*.txt", ["sub/c.txt"]),
        ("sub/**/*.cfg", ["sub/deep/e.cfg", "sub/loop/b.cfg"]),
        ("link/*.txt", ["link/c.txt"]),
        ("sub/deep/**", ["sub/deep/d.txt", "sub/deep/e.cfg"]),
        ("./a.txt", ["a.txt"]),
        ("/a.txt", ["a.txt"]),
        ("sub/../a.txt", ["a.txt"]),
        ("a}.txt", []),
        ("nosuch/*", []),
        ("sub", []),
        ("", []),
    ],
)
def test_fileset(tree, pattern, found):
    result = value("fileset(path, pattern)", path=".", pattern=pattern, directory=str(tree))
    assert isinstance(result, SetValue)
    assert list(result.items) == found


def test_fileset_outside_of_its_directory(tree):
    assert value('fileset("sub", "../*.cfg")', directory=str(tree)).items == ("../b.cfg",)
    assert value('fileset("sub", "../sub/c*")', directory=str(tree)).items == ("c.txt",)
    assert value(f'fileset("{tree}/sub", "c*")').items == ("c.txt",)
    assert value('fileset("nosuch", "*")', directory=str(tree)).items == ()


def test_links_do_not_lead_in_circles(tree):
    found = glob_files(tree, "**")
    assert "sub/deep/d.txt" in found
    assert "link/deep/d.txt" in found
    assert all(path.count("loop") <= 1 for path in found)


def test_special_letters_of_a_directory_s_name_are_no_pattern(tmp_path):
    (tmp_path / "lab[1]").mkdir()
    (tmp_path / "lab[1]" / "x").touch()
    assert value('fileset("lab[1]", "*")', directory=str(tmp_path)).items == ("x",)


def test_a_link_to_nowhere_is_told(tmp_path):
    (tmp_path / "broken").symlink_to("nowhere")
    assert_fails('fileset(".", "*")', "no such file or directory", directory=str(tmp_path))


@pytest.mark.parametrize("pattern", ["[", "[a", "{a", "{a,{b}", "{a,b/c}", "x/["])
def test_patterns_with_something_open(tmp_path, pattern):
    with pytest.raises(PatternError, match="is not closed"):
        glob_files(tmp_path, pattern)


def test_a_wrong_pattern_is_told(tmp_path):
    assert_fails('fileset(".", "[")', 'failed to glob pattern "[": syntax error in pattern', directory=str(tmp_path))


def test_names_are_matched_as_a_whole():
    assert compile_name("a*c").fullmatch("abc")
    assert not compile_name("a*c").fullmatch("abcd")
    assert compile_name("a.c").fullmatch("abc") is None


def test_files_of_unknown_names():
    assert value("file(x)", x=LATER) == Unknown(STRING, not_null=True)
    assert value('fileset(x, "*")', x=LATER) == Unknown(SetType(STRING), not_null=True)
