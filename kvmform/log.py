"""The log: what kvmform does behind what it shows, a line each. Nothing is written unless TF_LOG asks for it.

A line has Terraform's form: `2026-11-29T10:17:02.123Z [DEBUG] host: start domain "web" of qemu:///system: 41 ms`. The
source of names and levels is https://developer.hashicorp.com/terraform/internals/debugging.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TextIO

__all__ = ["LOG", "Log"]

_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")
_OFF = len(_LEVELS)
_OF_HOSTS = "host"


class Log:
    """One log. Any thread may write to it.

    Each line is of a level (TRACE, DEBUG, INFO, WARN or ERROR) and of a part of kvmform (`cli`, `config`, `state`,
    `host`); what hosts are asked is of the part `host`, as providers' lines are in Terraform.
    """

    def __init__(self) -> None:
        self._least = self._least_of_hosts = _OFF
        self._is_json = False
        self._file: TextIO | None = None

    def open(self, environment: Mapping[str, str]) -> None:
        """Begin, with what TF_LOG, TF_LOG_CORE, TF_LOG_PROVIDER and TF_LOG_PATH say.

        Raises:
            OSError: the file of TF_LOG_PATH can't be written.
        """
        said = environment.get("TF_LOG", "")
        core, hosts = environment.get("TF_LOG_CORE") or said, environment.get("TF_LOG_PROVIDER") or said
        self._least, self._least_of_hosts = _level(core), _level(hosts)
        self._is_json = said.upper() == "JSON"
        path = environment.get("TF_LOG_PATH")
        if path and min(self._least, self._least_of_hosts) < _OFF:
            self._file = open(path, "a", encoding="utf-8", buffering=1)  # noqa: PTH123, SIM115 - pathlib is not imported yet

    def close(self) -> None:
        """End; nothing more is written."""
        self._least = self._least_of_hosts = _OFF
        if self._file is not None:
            self._file.close()
            self._file = None

    def wants(self, level: str, part: str) -> bool:
        """Whether lines of this level and part are written."""
        return _LEVELS.index(level) >= (self._least_of_hosts if part == _OF_HOSTS else self._least)

    def tell(self, level: str, part: str, text: str, *values: object) -> None:
        """Write a line: `text` with `values` in the places of its `%s`. Where it isn't wanted, that costs nothing."""
        if min(self._least, self._least_of_hosts) == _OFF or not self.wants(level, part):
            return
        from datetime import UTC, datetime

        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said = text % values if values else text
        if self._is_json:
            from json import dumps

            form = {"@level": level.lower(), "@message": said, "@module": f"kvmform.{part}", "@timestamp": now}
            line = dumps(form)
        else:
            line = f"{now} [{level}] {part}: {said}"
        (self._file or sys.stderr).write(f"{line}\n")


def _level(name: str) -> int:
    """The lowest level that is written; of a name that is none, all are, as in Terraform."""
    if not name or name.upper() == "OFF":
        return _OFF
    return _LEVELS.index(name.upper()) if name.upper() in _LEVELS else 0


LOG = Log()
"""The one of this process."""
