"""libvirt's Python binding, loaded when something of it is first used.

Loading takes some 20 ms, which a command that talks to no host need not pay; so every
module of this room imports :data:`libvirt` from here. Errors are raised as exceptions
and told by kvmform, hence the binding's habit of printing them is switched off.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from kvmform.diagnostics import DiagnosticError

__all__ = ["libvirt"]


class _Binding:
    """Stands for the module `libvirt`; loads it for the first attribute asked for."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(_load(), name)
        setattr(self, name, value)
        return value


@functools.cache
def _load() -> ModuleType:
    try:
        import libvirt as module
    except ImportError as problem:
        raise DiagnosticError.of(
            "libvirt's Python binding cannot be loaded",
            f"A libvirt host can't be used without the Python package libvirt-python and libvirt's client "
            f"library: {problem}. Install libvirt-python with kvmform, and the library with the system's "
            "packages (libvirt0 on Debian and Ubuntu, libvirt-libs on Fedora).",
        ) from problem
    module.registerErrorHandler(_print_nothing, None)
    assert isinstance(module, ModuleType)
    return module


def _print_nothing(_context: Any, _error: Any) -> None:
    """Take the place of libvirt's error handler, which prints."""


libvirt: Any = _Binding()
"""The module `libvirt`, without its cost until it is used."""
