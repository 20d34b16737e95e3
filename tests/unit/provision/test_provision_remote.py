"""Scripts and files on a host with a real OpenSSH, written by its shell, and by sftp as on Windows."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from provision_bench import ProvisionBench, connection_to
from sshd import Sshd, unavailable
from waiting import wait_until

from kvmform.schema import Object


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Iterator[Sshd]:
    """A server with sftp."""
    reason = unavailable()
    if reason is not None:
        pytest.skip(reason)
    with Sshd(tmp_path_factory.mktemp("sftp") / "s", ("Subsystem sftp internal-sftp",)) as found:
        found.authorize(key.with_suffix(".pub").read_text())
        yield found


@pytest.fixture
def bench(tmp_path: Path) -> ProvisionBench:
    return ProvisionBench(tmp_path)


@pytest.fixture
def connection(server: Sshd, key: Path) -> Object:
    return connection_to(server, private_key=key.read_text())


@pytest.fixture(params=["unix", "windows"])
def either(connection: Object, request: pytest.FixtureRequest) -> Object:
    """A connection to what is said to be a Unix or a Windows; it is a Unix, whose paths serve for both."""
    return {**connection, "target_platform": request.param}


@pytest.fixture
def there(server: Sshd, tmp_path: Path) -> Path:
    """A directory on the host, which shares its files with the test."""
    path = server.home / tmp_path.name
    path.mkdir()
    return path


# remote-exec.


def test_inline_lines_are_one_script(bench: ProvisionBench, connection: Object) -> None:
    bench.run("remote-exec", connection, inline=["word='two words'", 'echo "$word"', "echo to stderr >&2", "cd /; pwd"])
    assert bench.printed == ["two words", "to stderr", "/"]


def test_scripts_run_in_order_with_the_interpreter_they_name(bench: ProvisionBench, connection: Object) -> None:
    (bench.directory / "first.sh").write_text("echo $0\n")
    (bench.directory / "second").write_text("#!/usr/bin/env python3\nprint(6 * 7)\n")
    bench.run("remote-exec", connection, scripts=["first.sh", str(bench.directory / "second")])
    first, second = bench.printed
    assert first.startswith("/tmp/terraform_")
    assert second == "42"


def test_a_script_sees_a_terminal_and_is_gone_afterwards(
    bench: ProvisionBench, connection: Object, there: Path
) -> None:
    path = f"{there}/script %RAND%.sh"
    bench.run("remote-exec", {**connection, "script_path": path}, inline=['test -t 1 && stat -c %a:%n "$0"'])
    (line,) = bench.printed
    assert line.startswith(f"700:{there}/script ")
    assert list(there.iterdir()) == []


def test_a_script_that_fails_ends_it(bench: ProvisionBench, connection: Object, there: Path) -> None:
    (bench.directory / "a").write_text("echo bad news\nexit 3\n")
    (bench.directory / "b").write_text(f"touch {there}/never\n")
    found = bench.fails("remote-exec", connection, scripts=["a", "b"])
    assert found.summary == "remote-exec provisioner error"
    assert "ended with exit status 3." in found.detail
    assert found.detail.endswith("Output: bad news")
    assert list(there.iterdir()) == []


def test_a_secret_is_not_in_the_message(bench: ProvisionBench, connection: Object) -> None:
    bench.is_secret = True
    assert "hidden" not in bench.fails("remote-exec", connection, inline=["echo hidden; exit 3"]).detail


def test_a_script_that_is_not_there_is_told_before_connecting(bench: ProvisionBench, connection: Object) -> None:
    assert (
        "missing.sh can't be read: No such file" in bench.fails("remote-exec", connection, script="missing.sh").detail
    )
    assert bench.lines == []


def test_a_script_path_that_cannot_be_written_is_told(bench: ProvisionBench, connection: Object) -> None:
    found = bench.fails("remote-exec", {**connection, "script_path": "/no/such/x.sh"}, inline=["id"])
    assert "could not be written to /no/such/x.sh" in found.detail
    assert "No such file" in found.detail or "nonexistent" in found.detail
    assert "script_path" in found.detail


def test_a_connection_that_breaks_off_is_told(bench: ProvisionBench, connection: Object) -> None:
    found = bench.fails("remote-exec", connection, inline=["kill -9 $PPID"])
    assert "ended before the script did" in found.detail or "broke off" in found.detail


def test_what_a_script_leaves_running_is_not_waited_for(bench: ProvisionBench, connection: Object) -> None:
    begun = time.monotonic()
    bench.run("remote-exec", connection, inline=["nohup sleep 40 > /dev/null 2>&1 &", "echo begun"])
    assert bench.printed == ["begun"]
    assert time.monotonic() - begun < 20


def test_ctrl_c_ends_a_script(bench: ProvisionBench, connection: Object, there: Path) -> None:
    def interrupt() -> None:
        assert wait_until((there / "up").exists, 20)
        bench.stop.set()

    other = threading.Thread(target=interrupt)
    other.start()
    found = bench.fails(
        "remote-exec", connection, inline=[f"echo $$ > {there}/up.new; mv {there}/up.new {there}/up; sleep 60"]
    )
    other.join()
    assert found.summary == "Provisioner stopped"


# file.


def tree(path: Path) -> dict[str, str]:
    """Files below a directory, and what is in them."""
    return {str(each.relative_to(path)): each.read_text() for each in sorted(path.rglob("*")) if each.is_file()}


@pytest.fixture
def source(bench: ProvisionBench) -> Path:
    """A directory `conf` with a file, a directory and a link."""
    path = bench.directory / "conf"
    (path / "below" / "empty").mkdir(parents=True)
    (path / "a").write_text("1")
    (path / "below" / "b c").write_text("2")
    (path / "link").symlink_to("a")
    return path


CONTENT = {"a": "1", "below/b c": "2", "link": "1"}


def test_a_file(bench: ProvisionBench, either: Object, there: Path) -> None:
    data = os.urandom(3_000_000)
    (bench.directory / "data").write_bytes(data)
    bench.run("file", either, source="data", destination=f"{there}/it's here")
    assert (there / "it's here").read_bytes() == data
    assert (there / "it's here").stat().st_mode & 0o777 == 0o644


def test_a_file_into_a_directory(bench: ProvisionBench, either: Object, there: Path) -> None:
    (bench.directory / "data").write_text("x")
    bench.run("file", either, source="data", destination=str(there))
    assert tree(there) == {"data": "x"}


def test_a_text(bench: ProvisionBench, either: Object, there: Path) -> None:
    (there / "old").write_text("much longer than what comes")
    bench.run("file", either, content="grüße\n", destination=f"{there}/old")
    bench.run("file", either, content="", destination=f"~/{there.name}/empty")
    assert tree(there) == {"old": "grüße\n", "empty": ""}


def test_a_directory_with_a_slash_is_what_is_in_it(
    bench: ProvisionBench, either: Object, there: Path, source: Path
) -> None:
    del source
    bench.run("file", either, source="conf/", destination=str(there))
    assert tree(there) == CONTENT
    assert (there / "below" / "empty").is_dir()


def test_a_directory_without_a_slash_goes_into_the_other(
    bench: ProvisionBench, either: Object, there: Path, source: Path
) -> None:
    bench.run("file", either, source=str(source), destination=str(there))
    assert tree(there / "conf") == CONTENT
    bench.run("file", either, source=str(source), destination=str(there))
    assert tree(there / "conf") == CONTENT


@pytest.mark.parametrize("written", ["conf", "conf/"])
def test_a_directory_that_is_not_there_is_made(
    bench: ProvisionBench, either: Object, there: Path, source: Path, written: str
) -> None:
    del source
    bench.run("file", either, source=written, destination=f"{there}/new")
    assert tree(there / "new") == CONTENT


def test_a_source_that_is_not_there_is_told_before_connecting(bench: ProvisionBench, either: Object) -> None:
    found = bench.fails("file", either, source="missing", destination="/tmp/x")
    assert "There is no file or directory" in found.detail
    assert bench.lines == []


@pytest.mark.parametrize("destination", ["/no/such/place", "/proc/x"])
def test_a_destination_that_is_refused_is_told(bench: ProvisionBench, either: Object, destination: str) -> None:
    found = bench.fails("file", either, content="x", destination=destination)
    assert found.summary == "file provisioner error"
    assert f"The upload to {destination} on 127.0.0.1" in found.detail


def test_a_windows_without_sftp_is_told(bench: ProvisionBench, sshd: Sshd, key: Path) -> None:
    connection = connection_to(sshd, private_key=key.read_text(), target_platform="windows")
    assert "it does not take files by sftp" in bench.fails("file", connection, content="x", destination="C:/x").detail


def test_a_script_for_windows_is_run_as_it_is(bench: ProvisionBench, connection: Object, there: Path) -> None:
    path = there / "x.cmd"
    path.touch(0o700)
    windows = {**connection, "target_platform": "windows", "script_path": str(path)}
    bench.run("remote-exec", windows, inline=["test -t 1 || echo no terminal", "head -n 1 $0"])
    assert bench.printed == ["no terminal", "test -t 1 || echo no terminal"]
