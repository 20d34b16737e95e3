"""The functions of the language, one module for each family.

All of Terraform 1.11's are here but `list` and `map`, which were deprecated long ago.
Modules from outside that few plans need are imported in the functions that need them.
"""

from __future__ import annotations

from kvmform.lang.functions import (
    control,
    convert,
    crypto,
    csv,
    datetime,
    encoding,
    filesystem,
    formatting,
    json,
    mapping,
    network,
    number,
    regex,
    rsa,
    selection,
    sensitive,
    sequence,
    sets,
    string,
    template,
    yaml,
)
from kvmform.lang.functions.signature import Function

__all__ = ["FUNCTIONS"]

FAMILIES = (
    control,
    convert,
    crypto,
    csv,
    datetime,
    encoding,
    filesystem,
    formatting,
    json,
    mapping,
    network,
    number,
    regex,
    rsa,
    selection,
    sensitive,
    sequence,
    sets,
    string,
    template,
    yaml,
)

NAMESPACE = "core::"

FUNCTIONS: dict[str, Function] = {
    prefix + function.name: function
    for prefix in ("", NAMESPACE)
    for family in FAMILIES
    for function in family.FUNCTIONS
}
"""Every function by its name, with and without the prefix `core::`."""
