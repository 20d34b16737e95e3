"""Packages come whole from wherever they are, or not at all, with what was tried and why it failed."""

from __future__ import annotations

import base64
import bz2
import gzip
import hashlib
import io
import lzma
import os
import shutil
import stat
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from module_sources import ModuleServer, archive, commit, module_server, repository, write_files

from kvmform.modules.fetch import Fetcher, FetchError
from kvmform.modules.web import Web

FILES = {"main.tf": "# main", "modules/net/main.tf": "# net"}


@pytest.fixture
def server() -> Iterator[ModuleServer]:
    with module_server() as running:
        yield running


def fetched(package: str, target: Path) -> dict[str, str]:
    """The files of a package, but for those of git itself."""
    Fetcher(Web(), ask=False).fetch(package, target)
    found = [path for path in target.rglob("*") if path.is_file() and ".git" not in str(path)]
    return {str(path.relative_to(target)): path.read_text() for path in found}


def refused(package: str, target: Path) -> str:
    with pytest.raises(FetchError) as problem:
        fetched(package, target)
    return str(problem.value)


# Git.


@pytest.fixture
def versions(tmp_path: Path) -> tuple[str, str]:
    """A repository with a tag v1 and a branch; its URL, and the name of its first commit."""
    directory = tmp_path / "repository"
    url = repository(directory, {"main.tf": "one"}, "v1")
    first = commit(directory, {})
    commit(directory, {"main.tf": "two"})
    return url, first


@pytest.mark.parametrize(
    ("query", "text"),
    [("", "two"), ("?ref=v1", "one"), ("?ref=main", "two"), ("?ref=v1&depth=1", "one"), ("?depth=1", "two")],
)
def test_git_at_a_branch_or_tag(tmp_path: Path, versions: tuple[str, str], query: str, text: str) -> None:
    assert fetched(f"git::{versions[0]}{query}", tmp_path / "m") == {"main.tf": text}


def test_git_at_a_commit(tmp_path: Path, versions: tuple[str, str]) -> None:
    assert fetched(f"git::{versions[0]}?ref={versions[1]}", tmp_path / "m") == {"main.tf": "one"}
    assert "'depth' requires 'ref' to be a branch or tag name" in refused(
        f"git::{versions[0]}?ref={versions[1]}&depth=1", tmp_path / "n"
    )


def test_a_shallow_clone_has_no_history(tmp_path: Path, versions: tuple[str, str]) -> None:
    fetched(f"git::{versions[0]}?depth=1", tmp_path / "m")
    assert (tmp_path / "m" / ".git" / "shallow").exists()


def test_git_of_a_branch_that_is_only_on_the_server(tmp_path: Path) -> None:
    directory = tmp_path / "repository"
    url = repository(directory, {"main.tf": "main"})
    (directory / ".git" / "HEAD").write_text("ref: refs/heads/side\n")
    commit(directory, {"main.tf": "side"})
    (directory / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert fetched(f"git::{url}?ref=side", tmp_path / "m") == {"main.tf": "side"}


def test_submodules_come_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = repository(tmp_path / "inner", {"part.tf": "part"})
    outer = repository(tmp_path / "outer", {"main.tf": "main"})
    for name, value in {"COUNT": "1", "KEY_0": "protocol.file.allow", "VALUE_0": "always"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    subprocess.run(["git", "submodule", "--quiet", "add", inner, "sub"], cwd=tmp_path / "outer", check=True)
    commit(tmp_path / "outer", {})
    assert fetched(f"git::{outer}", tmp_path / "m") == {"main.tf": "main", "sub/part.tf": "part"}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?ref=nope", "git checkout failed"),
        ("?ref=nope&depth=1", "git clone failed"),
        ("?ref=--upload-pack=x", '"--upload-pack=x" is no name of a branch, tag or commit'),
        ("?depth=x", 'the depth "x" is no number'),
        ("?sshkey=%25", "the sshkey is not base64"),
    ],
)
def test_git_that_says_no(tmp_path: Path, versions: tuple[str, str], query: str, said: str) -> None:
    assert said in refused(f"git::{versions[0]}{query}", tmp_path / "m")


def test_a_repository_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FetchError) as problem:
        fetched(f"git::file://{tmp_path}/nope", tmp_path / "m")
    assert "does not appear to be a git repository" in str(problem.value)
    assert 'source = "./modules/web"' in problem.value.way_out("web")


def test_git_uses_the_key_of_the_address_for_as_long_as_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssh = write_files(tmp_path, {"ssh": '#!/bin/sh\necho "$@" > args\ncat "$2" > key\nexit 1\n'}) / "ssh"
    ssh.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(ssh))
    key = base64.b64encode(b"the key").decode()
    refused(f"git::ssh://git@h.example/a.git?sshkey={key}", tmp_path / "m")
    assert (tmp_path / "key").read_text() == "the key"
    assert not Path((tmp_path / "args").read_text().split()[1]).exists()


@pytest.mark.parametrize(("package", "program"), [("git::file:///x", "git"), ("hg::file:///x", "hg")])
def test_a_client_that_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, program: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert f"{program} must be available and on the PATH" in refused(package, tmp_path / "m")


@pytest.mark.skipif(shutil.which("hg") is None, reason="no hg here")
def test_mercurial_at_a_revision(tmp_path: Path) -> None:
    directory = write_files(tmp_path / "repository", {"main.tf": "one"})
    hg = ["hg", "--config", "ui.username=a", "--cwd", str(directory)]
    for words in (["init"], ["commit", "-A", "-m", "one"], ["tag", "v1"]):
        subprocess.run([*hg, *words], check=True, capture_output=True)
    write_files(directory, {"main.tf": "two"})
    subprocess.run([*hg, "commit", "-m", "two"], check=True, capture_output=True)
    for query, text in (("", "two"), ("?rev=v1", "one")):
        target = tmp_path / f"m{text}"
        fetched(f"hg::file://{directory}{query}", target)
        assert (target / "main.tf").read_text() == text
    assert "hg update failed" in refused(f"hg::file://{directory}?rev=nope", tmp_path / "m")
    assert "no name of a revision" in refused(f"hg::file://{directory}?rev=--x", tmp_path / "m")


# Archives.


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "tar.bz2", "tar.xz", "tgz"])
def test_archives_over_http_and_from_disk(tmp_path: Path, server: ModuleServer, kind: str) -> None:
    content = archive("tar.gz" if kind == "tgz" else kind, FILES)
    url = server.put(f"/a/package.{kind}", content)
    (tmp_path / f"package.{kind}").write_bytes(content)
    assert fetched(url, tmp_path / "m") == FILES
    assert fetched(f"file://{tmp_path}/package.{kind}", tmp_path / "n") == FILES


def test_an_archive_whose_name_does_not_say_so(tmp_path: Path, server: ModuleServer) -> None:
    url = server.put("/download", archive("zip", FILES))
    assert fetched(f"{url}?token=1&archive=zip", tmp_path / "m") == FILES
    assert server.asked == ["/download?token=1"]
    assert "add ?archive=zip" in refused(url, tmp_path / "n")


def test_an_archive_is_none_where_the_address_says_so(tmp_path: Path, server: ModuleServer) -> None:
    server.put("/real.zip", archive("zip", FILES))
    url = server.put("/page.zip", b"", X_Terraform_Get="/real.zip")
    assert fetched(f"{url}?archive=false", tmp_path / "m") == FILES


@pytest.mark.parametrize(("kind", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_one_compressed_file(tmp_path: Path, server: ModuleServer, kind: str, pack) -> None:
    url = server.put(f"/main.tf.{kind}", pack(b"# one"))
    assert fetched(url, tmp_path / "m") == {"main.tf": "# one"}


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha256", "sha512"])
def test_checksums(tmp_path: Path, server: ModuleServer, kind: str) -> None:
    content = archive("zip", FILES)
    url = server.put("/m.zip", content)
    right = hashlib.new(kind, content).hexdigest()
    wrong = right[::-1]
    assert fetched(f"{url}?checksum={kind}:{right.upper()}", tmp_path / "m") == FILES
    assert fetched(f"{url}?checksum={right}", tmp_path / "n") == FILES
    assert f"checksums did not match: expected {kind} {wrong}, got {right}" in refused(
        f"{url}?checksum={kind}:{wrong}", tmp_path / "o"
    )


def test_a_checksum_in_a_file(tmp_path: Path, server: ModuleServer) -> None:
    content = archive("zip", FILES)
    url = server.put("/m.zip", content)
    sums = server.put("/SUMS", f"{hashlib.sha256(content).hexdigest()}  m.zip\n".encode())
    assert fetched(f"{url}?checksum=file:{sums}", tmp_path / "m") == FILES
    assert "no kind that is known" in refused(f"{url}?checksum=crc:12", tmp_path / "n")


def test_a_checksum_of_something_that_is_no_archive(tmp_path: Path, server: ModuleServer) -> None:
    assert "only be given for an archive" in refused(f"{server.url}/x?checksum=md5:0", tmp_path / "m")


@pytest.mark.parametrize("name", ["../out.tf", "/tmp/kvmform-out.tf", "a/../../out.tf"])
def test_archives_with_files_that_lead_outside_are_refused(tmp_path: Path, server: ModuleServer, name: str) -> None:
    for kind in ("zip", "tar.gz"):
        url = server.put(f"/m.{kind}", archive(kind, {name: "x"}))
        target = tmp_path / f"in-{kind}" / "m"
        target.parent.mkdir()
        if kind == "tar.gz" and name.startswith("/"):
            # tarfile makes an absolute name a relative one.
            assert fetched(url, target) == {name.removeprefix("/"): "x"}
        else:
            assert "outside" in refused(url, target)
        assert not (target.parent / "out.tf").exists()
    assert not Path("/tmp/kvmform-out.tf").exists()


def test_a_link_that_leads_outside_is_refused(tmp_path: Path, server: ModuleServer) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as packed:
        entry = tarfile.TarInfo("main.tf")
        entry.type, entry.linkname = tarfile.SYMTYPE, "../../secret"
        packed.addfile(entry)
    assert "outside" in refused(server.put("/m.tar.gz", content.getvalue()), tmp_path / "m")


def test_what_can_be_executed_stays_so(tmp_path: Path, server: ModuleServer) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        entry = zipfile.ZipInfo("run.sh")
        entry.external_attr = (stat.S_IFREG | 0o755) << 16
        packed.writestr(entry, "#!/bin/sh")
    fetched(server.put("/m.zip", content.getvalue()), tmp_path / "m")
    assert os.access(tmp_path / "m" / "run.sh", os.X_OK)


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "tar.xz", "gz", "xz"])
def test_a_broken_archive(tmp_path: Path, server: ModuleServer, kind: str) -> None:
    whole = archive(kind if kind in {"zip", "tar.gz", "tar.xz"} else "zip", FILES)
    for number, content in enumerate((b"not at all", whole[: len(whole) // 2])):
        said = refused(server.put(f"/m.{kind}", content), tmp_path / f"m{number}")
        assert said.startswith(f"the archive can't be unpacked as {kind}: ")
        assert "\n" not in said


# Other addresses.


def test_a_page_that_sends_on(tmp_path: Path, server: ModuleServer) -> None:
    package = server.put("/package.zip", archive("zip", FILES))
    header = server.put("/header", b"<html>", X_Terraform_Get=f"{package}//modules")
    page = server.put("/page", b'<html><head><meta name="terraform-get" content="/header"></head><p>')
    assert fetched(package, tmp_path / "m") == FILES
    assert fetched(header, tmp_path / "n") == {"net/main.tf": "# net"}
    assert fetched(f"{page}?x=1", tmp_path / "o") == {"net/main.tf": "# net"}
    assert server.asked[-3:] == ["/page?x=1&terraform-get=1", "/header?terraform-get=1", "/package.zip"]


def test_pages_that_send_on_for_ever(tmp_path: Path, server: ModuleServer) -> None:
    assert "more than 10 servers" in refused(server.put("/x", b"", X_Terraform_Get="/x"), tmp_path / "m")


@pytest.mark.parametrize("location", ["/etc", "file:///etc", "file::/etc"])
def test_a_server_cannot_name_files_of_this_machine(tmp_path: Path, server: ModuleServer, location: str) -> None:
    page = server.put("/x", f'<meta name="terraform-get" content="{location}">'.encode())
    refused(page, tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_local_directory_is_used_where_it_is(tmp_path: Path) -> None:
    write_files(tmp_path / "there", FILES)
    assert fetched(f"file://{tmp_path}/there", tmp_path / "m") == FILES
    write_files(tmp_path / "there", {"main.tf": "# edited"})
    assert (tmp_path / "m" / "main.tf").read_text() == "# edited"
    assert "doesn't exist" in refused(f"file://{tmp_path}/nope", tmp_path / "n")
    assert "is not a directory" in refused(f"file://{tmp_path}/m/main.tf", tmp_path / "n")


@pytest.mark.parametrize(
    ("package", "said"),
    [
        ("s3::https://s3.amazonaws.com/b/m.zip", "Amazon S3"),
        ("gcs::https://www.googleapis.com/storage/v1/b/m.zip", "Google Cloud Storage"),
        ("ftp://h.example/m.zip", "not supported for scheme 'ftp'"),
        ("foo::https://h.example/y", "not supported for scheme 'foo'"),
        ("http://127.0.0.1:1/m.zip", "GET http://127.0.0.1:1/m.zip: no connection (Connection refused)"),
    ],
)
def test_addresses_that_nothing_comes_from(tmp_path: Path, package: str, said: str) -> None:
    assert said in refused(package, tmp_path / "m")


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_server_that_says_no(tmp_path: Path, server: ModuleServer, status: int) -> None:
    url = server.put("/m.zip", b"", status=status)
    assert f"GET {url}: the server answered {status}" in refused(url, tmp_path / "m")


def test_credentials_of_the_address_and_of_netrc(
    tmp_path: Path, server: ModuleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    url = server.put("/m.zip", archive("zip", FILES))
    fetched(url, tmp_path / "m")
    fetched(url.replace("://", "://you:p%40ss@"), tmp_path / "n")
    sent = [headers["Authorization"] for headers in server.headers]
    assert [base64.b64decode(text.removeprefix("Basic ")).decode() for text in sent] == ["me:secret", "you:p@ss"]


def test_credentials_are_not_sent_on(tmp_path: Path, server: ModuleServer) -> None:
    server.put("/m.zip", archive("zip", FILES))
    moved = server.put("/old.zip", b"", status=302, Location="/m.zip")
    fetched(moved.replace("://", "://you:secret@"), tmp_path / "m")
    assert ["Authorization" in headers for headers in server.headers] == [True, False]
