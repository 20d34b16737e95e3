"""The functions of the language, one module for each family.

All of Terraform 1.11's are here but `list` and `map`, which were deprecated long ago. A family is
imported when one of its functions is first called: a lab calls a few of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from kvmform.lang.functions.signature import Function

__all__ = ["FUNCTIONS"]

NAMESPACE = "core::"

_FAMILIES = {
    "control": "can try",
    "convert": "tobool tolist tomap tonumber toset tostring",
    "crypto": (
        "base64sha256 base64sha512 bcrypt filebase64sha256 filebase64sha512 filemd5 filesha1 filesha256 filesha512 "
        "md5 sha1 sha256 sha512 uuid uuidv5"
    ),
    "csv": "csvdecode",
    "datetime": "formatdate plantimestamp timeadd timecmp timestamp",
    "encoding": "base64decode base64encode base64gzip textdecodebase64 textencodebase64 urlencode",
    "filesystem": "abspath basename dirname file filebase64 fileexists fileset pathexpand",
    "formatting": "format formatlist",
    "json": "jsondecode jsonencode",
    "mapping": "keys lookup merge transpose values zipmap",
    "network": "cidrhost cidrnetmask cidrsubnet cidrsubnets",
    "number": "abs ceil floor log max min parseint pow range signum sum",
    "regex": "regex regexall replace",
    "rsa": "rsadecrypt",
    "selection": "alltrue anytrue coalesce coalescelist compact contains distinct index matchkeys one",
    "sensitive": "ephemeralasnull issensitive nonsensitive sensitive",
    "sequence": "chunklist concat element flatten length reverse slice sort",
    "sets": "setintersection setproduct setsubtract setunion",
    "string": (
        "chomp endswith indent join lower split startswith strcontains strrev substr title trim trimprefix trimspace "
        "trimsuffix upper"
    ),
    "template": "templatefile templatestring",
    "yaml": "yamldecode yamlencode",
}
"""The names in each family."""


class _Functions(Mapping[str, Function]):
    """Every function by its name, with and without the prefix `core::`."""

    def __init__(self, families: Mapping[str, str]) -> None:
        self._family_of = {
            prefix + name: family
            for prefix in ("", NAMESPACE)
            for family, names in families.items()
            for name in names.split()
        }
        self._loaded: dict[str, Function] = {}

    def __getitem__(self, name: str) -> Function:
        if name not in self._loaded:
            family = import_module(f"{__name__}.{self._family_of[name]}")
            for function in family.FUNCTIONS:
                self._loaded[function.name] = self._loaded[NAMESPACE + function.name] = function
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._family_of

    def __iter__(self) -> Iterator[str]:
        return iter(self._family_of)

    def __len__(self) -> int:
        return len(self._family_of)


FUNCTIONS = _Functions(_FAMILIES)
