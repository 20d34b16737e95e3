"""`archive_file`: archives as Python's zipfile and tarfile take them."""

import hashlib
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from command_line import CommandLine

BOTH = pytest.mark.parametrize("kind", ["zip", "tar.gz"])


@pytest.fixture
def files(here: CommandLine) -> CommandLine:
    for path in ("site/a.txt", "site/b/c.sh", "site/b/d.log", "site/.git/config", "elsewhere/e.txt"):
        file = here.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"this is {path}")
        file.chmod(0o755 if path.endswith(".sh") else 0o644)
    (here.directory / "site/linked").symlink_to("../elsewhere")
    (here.directory / "site/link.txt").symlink_to("a.txt")
    return here


def content(path: Path) -> dict[str, tuple[int, bytes]]:
    """Permissions and content of what is in an archive, by name and in its order."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert {each.date_time for each in archive.infolist()} == {(2049, 1, 1, 0, 0, 0)}
            return {
                each.filename: (stat.S_IMODE(each.external_attr >> 16), archive.read(each))
                for each in archive.infolist()
            }
    with tarfile.open(path) as archive:
        found = {}
        for each in archive:
            assert (each.mtime, each.uid, each.uname) == (0, 0, "")
            file = archive.extractfile(each)
            assert file is not None
            found[each.name] = (each.mode, file.read())
        return found


def archive(kind: str, arguments: str, word: str = "data", path: str = "out/made") -> str:
    output = f'output "a" {{ value = {"data." if word == "data" else ""}archive_file.a }}\n'
    return f'{word} "archive_file" "a" {{\n  type = "{kind}"\n  output_path = "{path}"\n  {arguments}\n}}\n{output}'


@BOTH
@pytest.mark.parametrize("word", ["data", "resource"])
def test_a_directory_goes_in_whole(files: CommandLine, kind: str, word: str) -> None:
    files.applied(archive(kind, 'source_dir = "${path.module}/site"', word))
    found = content(files.directory / "out/made")
    assert list(found) == [".git/config", "a.txt", "b/c.sh", "b/d.log", "link.txt", "linked/e.txt"]
    assert found["b/c.sh"] == (0o755, b"this is site/b/c.sh")
    assert found["link.txt"] == (0o644, b"this is site/a.txt")


@BOTH
def test_checksums_are_those_of_the_archive(files: CommandLine, kind: str) -> None:
    files.applied(archive(kind, 'source_file = "site/a.txt"'))
    data, found = (files.directory / "out/made").read_bytes(), files.outputs()["a"]
    assert list(content(files.directory / "out/made").values()) == [(0o644, b"this is site/a.txt")]
    assert (found["output_size"], found["id"]) == (len(data), found["output_sha"])
    for name, algorithm in (("md5", "md5"), ("sha", "sha1"), ("sha256", "sha256"), ("sha512", "sha512")):
        assert found[f"output_{name}"] == hashlib.new(algorithm, data).hexdigest()


@BOTH
@pytest.mark.parametrize(
    ("excludes", "left"),
    [
        ('[".git", "linked"]', ["a.txt", "b/c.sh", "b/d.log", "link.txt"]),
        ('["**/*.log", "b/c.sh", ".git/config", "*.txt"]', ["linked/e.txt"]),
        ('["**/c.*", ".*/**", "l*"]', ["a.txt", "b/d.log"]),
        ('["b/*.{sh,log}", ".git", "link*"]', ["a.txt"]),
        ('["b/[a-c]*", ".git", "l?nk*"]', ["a.txt", "b/d.log"]),
    ],
)
def test_what_is_excluded_stays_out(files: CommandLine, kind: str, excludes: str, left: list[str]) -> None:
    files.applied(archive(kind, f'source_dir = "site"\nexcludes = {excludes}'))
    assert list(content(files.directory / "out/made")) == left


@BOTH
def test_linked_directories_may_stay_out_and_lead_in_no_circle(files: CommandLine, kind: str) -> None:
    (files.directory / "site/b/up").symlink_to("..")
    files.applied(archive(kind, 'source_dir = "site"'))
    assert "linked/e.txt" in content(files.directory / "out/made")
    files.applied(archive(kind, 'source_dir = "site"\nexclude_symlink_directories = true'))
    assert [name for name in content(files.directory / "out/made") if "linked/" in name or "up/" in name] == []


@BOTH
def test_texts_go_in_by_name(here: CommandLine, kind: str) -> None:
    here.applied(archive(kind, 'source_content = "é"\nsource_content_filename = "d/t.txt"'))
    assert content(here.directory / "out/made") == {"d/t.txt": (0o644, "é".encode())}
    blocks = "\n".join(f'source {{\n filename = "{name}"\n content = "<{name}>"\n}}' for name in ("z", "a/b", "m"))
    here.applied(archive(kind, blocks))
    assert list(content(here.directory / "out/made")) == ["a/b", "m", "z"]


@BOTH
@pytest.mark.parametrize(("written", "mode"), [("0600", 0o600), ("0o640", 0o640), ("420", 0o644)])
def test_all_files_may_get_the_same_permissions(files: CommandLine, kind: str, written: str, mode: int) -> None:
    files.applied(archive(kind, f'source_dir = "site"\noutput_file_mode = "{written}"'))
    assert {each for each, _ in content(files.directory / "out/made").values()} == {mode}


@BOTH
def test_the_same_files_are_the_same_bytes(files: CommandLine, kind: str) -> None:
    files.applied(archive(kind, 'source_dir = "site"', path="one")).applied(
        archive(kind, 'source_dir = "site"', path="one")
    )
    before = (files.directory / "one").read_bytes()
    for path in (files.directory / "site").rglob("*"):
        os.utime(path, (1, 1))
    files.applied(archive(kind, 'source_dir = "site"', path="two"))
    assert (files.directory / "two").read_bytes() == before


@BOTH
def test_an_archive_is_not_in_itself(files: CommandLine, kind: str) -> None:
    text = archive(kind, 'source_dir = "site"', path="site/made")
    before = files.applied(text).outputs()["a"]["id"]
    assert files.applied(text).outputs()["a"]["id"] == before
    assert "made" not in content(files.directory / "site/made")
    assert not list((files.directory / "site").glob(".made*"))


def test_the_data_source_makes_it_while_planning(files: CommandLine) -> None:
    files.write(archive("zip", 'source_dir = "site"')).run("plan")
    assert (files.directory / "out/made").exists()


def test_the_resource_makes_it_in_an_apply(files: CommandLine) -> None:
    text = archive("zip", 'source_dir = "site"', "resource")
    files.write(text)
    assert files.actions() == {"archive_file.a": ["create"]}
    assert not (files.directory / "out/made").exists()
    before = files.applied(text).outputs()["a"]["output_sha256"]
    (files.directory / "site/a.txt").write_text("something else")
    assert files.actions() == {"archive_file.a": ["create"]}
    assert files.applied(text).outputs()["a"]["output_sha256"] != before
    (files.directory / "out/made").unlink()
    files.applied(text)
    assert (files.directory / "out/made").exists()


@BOTH
@pytest.mark.parametrize(
    "change",
    [
        lambda site: (site / "a.txt").write_text("something else"),
        lambda site: (site / "a.txt").chmod(0o600),
        lambda site: (site / "new").write_text(""),
        lambda site: (site / "b/d.log").unlink(),
        lambda site: (site / "b").rename(site / "c"),
        lambda site: (site.parent / "out/made").write_bytes(b"no archive"),
    ],
    ids=["other content", "other permissions", "one more", "one less", "other names", "another archive"],
)
def test_the_resource_makes_it_again_when_anything_in_it_has_changed(files: CommandLine, kind: str, change) -> None:
    files.applied(archive(kind, 'source_dir = "site"', "resource"))
    change(files.directory / "site")
    assert files.actions() == {"archive_file.a": ["create"]}


def test_an_archive_that_another_compressor_made_of_the_same_files_is_kept(here: CommandLine) -> None:
    text = archive("zip", 'source_content = "c"\n  source_content_filename = "n"', "resource")
    here.applied(text)
    path, state = here.directory / "out/made", here.directory / "terraform.tfstate"
    before = hashlib.sha1(path.read_bytes()).hexdigest()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as other:
        other.writestr(zipfile.ZipInfo("n", (1980, 0, 0, 0, 0, 0)), "c")
    state.write_text(state.read_text().replace(before, hashlib.sha1(path.read_bytes()).hexdigest()))
    here.run("plan", "-detailed-exitcode")


def test_any_argument_writes_it_anew_and_no_guest_notices(files: CommandLine) -> None:
    files.applied(archive("zip", 'source_dir = "site"', "resource"))
    files.write(archive("tar.gz", 'source_dir = "site"', "resource"))
    change = files.plan()["archive_file.a"]["change"]
    assert (change["actions"], change["disruption"]) == (["delete", "create"], "live")
    files.applied(archive("tar.gz", 'source_dir = "site"', "resource"))
    assert tarfile.is_tarfile(files.directory / "out/made")
    files.run("destroy", "-auto-approve")
    assert (files.directory / "out/made").exists()


@pytest.mark.parametrize(
    ("kind", "arguments", "said"),
    [
        ("rar", 'source_dir = "x"', 'Attribute type value must be one of: "zip", "tar.gz"; got: "rar"'),
        ("zip", "", "At least one of these attributes must be configured: source,"),
        ("zip", 'source_dir = "x"\nsource_file = "y"', 'Attribute "source_file" cannot be specified when "source_dir"'),
        ("zip", 'source_file = "x"\nexcludes = ["y"]', 'Attribute "excludes" cannot be specified when "source_file"'),
    ],
)
def test_mistakes_are_told_by_validate(here: CommandLine, kind: str, arguments: str, said: str) -> None:
    here.write(archive(kind, arguments))
    assert said in " ".join(here.run("validate", "-no-color", code=1).replace("│", "").split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ('source_dir = "nowhere"', "nowhere can't be read: No such file or directory"),
        ('source_file = "nowhere"', "nowhere can't be read: No such file or directory"),
        ('source_dir = "site"\nexcludes = ["**"]', "The archive would be empty"),
        ('source_dir = "site"\nexcludes = ["[a"]', '"excludes" has "[a": syntax error in pattern'),
        ('source_dir = "site"\noutput_file_mode = "rwx"', '"output_file_mode" must be an octal number'),
    ],
)
def test_what_fails_is_told_and_leaves_nothing_behind(files: CommandLine, arguments: str, said: str) -> None:
    files.write(archive("zip", arguments))
    assert said in " ".join(files.run("plan", code=1).replace("│", "").split())
    assert not (files.directory / "out/made").exists()
