"""Render the XML of a new object from its template; an update patches, and never renders.

Templates stand beside the resource types as `<type>.xml.j2`. They are strict: a name that
is not given is an error, and so is printing None or a bool (`yes_no` and `on_off` are
filters; `{% if x is not none %}` asks first). All values are escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from kvmform.schema import Plain
from kvmform.xml.codecs import ON_OFF, YES_NO

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["render"]


def render(package: str, name: str, values: Mapping[str, Plain]) -> str:
    """Render the template `name` of a package (`kvmform.resources.pool`, `pool.xml.j2`).

    A template may `import` or `include` another as `PACKAGE:NAME`.

    Raises:
        jinja2.UndefinedError: the template asks for a name that is not in `values`.
        TypeError: the template prints None or a bool.
    """
    return _environment().get_template(f"{package}:{name}").render(values)


def _load(name: str) -> str:
    from importlib import resources

    package, _, file = name.partition(":")
    return resources.files(package).joinpath(file).read_text(encoding="utf-8")


def _printable(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        raise TypeError(f"a template prints {value}; this is a bug in kvmform")
    return value


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_load),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        finalize=_printable,
    )
    environment.filters["yes_no"] = YES_NO.encode
    environment.filters["on_off"] = ON_OFF.encode
    return environment
