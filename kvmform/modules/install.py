"""Bring modules that are not local to `.terraform/modules`, and record where they are.

A package is put together beside its place and then renamed to it; the manifest is replaced
as a whole when all is done. So whatever interrupts an installation, the next one finds
either a module that is whole and recorded, or none.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kvmform.diagnostics import DiagnosticError
from kvmform.modules.call import Call, local_directory
from kvmform.modules.events import Downloading, Installed, Tell
from kvmform.modules.fetch import Fetcher, FetchError
from kvmform.modules.installed import meets
from kvmform.modules.manifest import Record, manifest_path, manifest_text, parse_manifest
from kvmform.modules.registry import Registries
from kvmform.modules.source import LocalSource, RegistrySource, RemoteSource
from kvmform.modules.subdirectory import find_subdirectory

__all__ = ["Installer", "installing"]

_STAGING = ".fetching-"


@contextmanager
def installing(
    root: Path, data_directory: Path, fetcher: Fetcher, registries: Registries, tell: Tell, *, upgrade: bool
) -> Iterator[Installer]:
    """An installer, for as long as the configuration is loaded with it.

    Only one works in a directory at a time; the manifest is written at the end, also when
    something went wrong, so that what could be installed stays.

    Args:
        root: the root module's directory.
        data_directory: `.terraform`.
        fetcher: fetches packages.
        registries: know the packages of modules in registries.
        tell: is told what happens.
        upgrade: whether what is installed is fetched again, in the newest version allowed.

    Raises:
        DiagnosticError: nothing can be written there.
    """
    directory = manifest_path(data_directory).parent
    with _writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with _writing(directory):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            for left in directory.glob(f"{_STAGING}*"):
                _remove(left)
            installer = Installer(root, data_directory, fetcher, registries, tell, upgrade=upgrade)
        try:
            yield installer
        finally:
            with _writing(directory):
                installer.write_manifest()
    finally:
        os.close(descriptor)


@contextmanager
def _writing(directory: Path) -> Iterator[None]:
    """What the disk says no to, as a diagnostic."""
    try:
        yield
    except OSError as problem:
        detail = f"Modules can't be installed in {directory}: {problem.filename or directory}: {problem.strerror}."
        raise DiagnosticError.of("Modules directory not writable", detail) from problem


def _remove(path: Path) -> None:
    # os.path says False of a name that is too long, where Path raises.
    if os.path.islink(path) or os.path.isfile(path):  # noqa: PTH113, PTH114 - as above
        path.unlink()
    elif os.path.lexists(path):
        shutil.rmtree(path)


class Installer:
    """Tells directories of modules as InstalledModules does, and brings what is missing."""

    def __init__(
        self, root: Path, data_directory: Path, fetcher: Fetcher, registries: Registries, tell: Tell, *, upgrade: bool
    ) -> None:
        self._root = root
        self._path = manifest_path(data_directory)
        self._fetcher = fetcher
        self._registries = registries
        self._tell = tell
        self._upgrade = upgrade
        text = self._path.read_text(encoding="utf-8") if self._path.exists() else None
        self._before = {} if text is None else parse_manifest(text, self._path)
        self._now = {"": Record("", "", ".")}
        self._fresh: set[str] = set()
        self._fetched: dict[str, Path] = {}

    def directory_of(self, call: Call, caller: Path) -> Path:
        """See :class:`kvmform.modules.call.Modules`."""
        record = self._kept(call)
        if record is None:
            record = self._install(call, caller)
            self._fresh.add(call.key)
            self._tell(Installed(call.key, record.directory))
        self._now[call.key] = record
        return Path(os.path.normpath(self._root / record.directory))

    def write_manifest(self) -> None:
        """Replace the manifest by what there is now.

        Modules that nothing calls any more stay, as in Terraform, unless their caller was fetched again.

        Raises:
            OSError: it can't be written.
        """
        unvisited = {key: record for key, record in self._before.items() if not self._is_outdated(key)}
        fresh = self._path.with_name(f".{self._path.name}.new")
        fresh.write_text(manifest_text({**unvisited, **self._now}.values()), encoding="utf-8")
        fresh.replace(self._path)

    def _is_outdated(self, key: str) -> bool:
        parts = key.split(".")
        return any(".".join(parts[:length]) in self._fresh for length in range(1, len(parts)))

    def _kept(self, call: Call) -> Record | None:
        """The record of a module that can stay as it is. What a fresh module calls is fresh too."""
        record = self._before.get(call.key)
        if record is None or self._upgrade or call.parent_key in self._fresh:
            return None
        if record.source != str(call.source) or not meets(record, call):
            return None
        return record if (self._root / record.directory).is_dir() else None

    def _install(self, call: Call, caller: Path) -> Record:
        match call.source:
            case LocalSource() as source:
                return Record(call.key, str(source), self._local(call, source, caller))
            case RegistrySource() as source:
                version = self._registries.version(call, source)
                self._tell(Downloading(call.key, source.package, str(version)))
                package = self._registries.location(call, source, version)
                directory = self._bring(call, package.below(source.subdirectory))
                return Record(call.key, str(source), directory, str(version))
            case RemoteSource() as source:
                self._tell(Downloading(call.key, source.package))
                return Record(call.key, str(source), self._bring(call, source))

    def _local(self, call: Call, source: LocalSource, caller: Path) -> str:
        """Where a local module is, with symbolic links followed, as Terraform records it."""
        directory = local_directory(source, caller)
        if not directory.is_dir():
            detail = (
                f"The module's directory {os.path.relpath(directory, self._root)} doesn't exist. Its path starts at "
                "the directory of the file with the module block."
            )
            raise DiagnosticError.of("Unreadable module directory", detail, call.range)
        root, real = self._root.resolve(), directory.resolve()
        lexical = os.path.relpath(directory, self._root)
        return lexical if real == Path(os.path.normpath(root / lexical)) else str(real)

    def _bring(self, call: Call, source: RemoteSource) -> str:
        """Fetch a package to the module's place; the module's directory in it, as it is recorded."""
        place = self._path.parent / call.key
        staging = self._path.parent / f"{_STAGING}{call.key}"
        try:
            self._put(source.package, staging)
            find_subdirectory(staging, source.subdirectory)
            _remove(place)
            staging.rename(place)
        except FetchError as problem:
            raise _failed(call, source, f"{problem}{problem.way_out(call.name)}") from problem
        except OSError as problem:
            raise _failed(call, source, f"{problem.filename or place}: {problem.strerror}.") from problem
        finally:
            _remove(staging)
        self._fetched[source.package] = place
        directory = find_subdirectory(place, source.subdirectory)
        inside = directory.is_relative_to(self._root)
        return os.path.relpath(directory, self._root) if inside else str(directory)

    def _put(self, package: str, staging: Path) -> None:
        """The package in `staging`; several modules of one package are fetched once, and copied."""
        before = self._fetched.get(package)
        if before is None:
            self._fetcher.fetch(package, staging)
        elif before.is_symlink():
            staging.symlink_to(before.readlink())
        else:
            shutil.copytree(before, staging, symlinks=True)


def _failed(call: Call, source: RemoteSource, reason: str) -> DiagnosticError:
    detail = (
        f'Could not download module "{call.name}" ({call.range.filename}:{call.range.first.line}) source code from '
        f'"{source.package}": {reason}'
    )
    return DiagnosticError.of("Failed to download module", detail, call.source_range)
