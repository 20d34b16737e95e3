"""Structs: classes that are nothing but their fields, at a fraction of what a dataclass costs at start-up.

::

    class Position(Struct):
        '''A place in a text.'''

        line: int
        column: int = 1

A struct has what a frozen dataclass with slots has: arguments in the order of the fields, defaults,
`__post_init__`, equality, a hash and a text by its fields. It is frozen for the type checker, which
is enough. What differs is when its methods are made: a dataclass compiles them where it is defined,
which takes half a millisecond, and kvmform has hundreds, of which a command uses a few. A struct
compiles a method when it is first called.

Keywords of the class, as of a dataclass: `frozen=False`, `kw_only=True`, and `eq=False` (compared by
identity), which its subclasses inherit. Slots that are no fields are named in `__slots__`, as ever.
Annotations must be text (`from __future__ import annotations`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, dataclass_transform

__all__ = ["Struct", "field", "replace"]

_NOTHING: Any = object()
"""The default of what has none; and the argument that was not given."""


class _Field:
    """What is known of one field beside its name."""

    __slots__ = ("compare", "default", "factory", "init", "kw_only", "repr")

    def __init__(self, default: Any, factory: Any, *, init: bool, repr: bool, compare: bool) -> None:  # noqa: A002
        self.default = default
        self.factory = factory
        self.init = init
        self.repr = repr
        self.compare = compare
        self.kw_only = False


def field(
    *,
    default: Any = _NOTHING,
    default_factory: Any = _NOTHING,
    init: bool = True,
    repr: bool = True,  # noqa: A002 - dataclasses' word
    compare: bool = True,
) -> Any:
    """More of a field than its default: what makes the default, and where the field is left out."""
    return _Field(default, default_factory, init=init, repr=repr, compare=compare)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class _StructType(type):
    """Makes struct classes: slots and defaults at once, methods when they are called."""

    __struct_fields__: dict[str, tuple[Any, bool]]
    """For each field, those of bases first: its default or what `field` gave, and whether it is for keywords only."""
    __by_identity__: bool

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        frozen: bool = True,
        eq: bool = True,
        kw_only: bool = False,
    ) -> _StructType:
        own = {each: namespace.pop(each, _NOTHING) for each in namespace.get("__annotations__", ())}
        parents = [base for base in bases if isinstance(base, _StructType)]
        by_identity = not eq or any(parent.__by_identity__ for parent in parents)
        namespace["__slots__"] = (*own, *namespace.get("__slots__", ()))
        methods = {"__init__": _init}
        if by_identity:
            namespace = {"__eq__": object.__eq__, "__hash__": object.__hash__} | namespace
        else:
            methods |= {"__eq__": _eq, "__hash__": _hash}
            namespace = ({} if frozen else {"__hash__": None}) | namespace
        later = {name: compiled for name, compiled in methods.items() if name not in namespace}
        made = super().__new__(cls, name, bases, namespace)
        for method, compiled in later.items():
            setattr(made, method, _when_called(made, method, compiled))
        made.__by_identity__ = by_identity
        made.__struct_fields__ = {}
        for parent in parents:
            made.__struct_fields__ |= parent.__struct_fields__
        made.__struct_fields__ |= {name: (given, kw_only) for name, given in own.items()}
        return made

    @property
    def __match_args__(cls) -> tuple[str, ...]:
        """The fields that a pattern can have without their names."""
        return _positional(cls)


@cache
def _fields(owner: _StructType) -> dict[str, _Field]:
    """All that is known of the fields of a class, those of its bases first."""
    found = {}
    for name, (given, kw_only) in owner.__struct_fields__.items():
        each = given if isinstance(given, _Field) else _Field(given, _NOTHING, init=True, repr=True, compare=True)
        each.kw_only = kw_only
        found[name] = each
    return found


@cache
def _positional(owner: _StructType) -> tuple[str, ...]:
    return tuple(name for name, each in _fields(owner).items() if each.init and not each.kw_only)


def _when_called(owner: _StructType, name: str, compiled: Callable[[_StructType], Callable[..., Any]]) -> Any:
    """A method that compiles the one of this name in its own place, however many threads call it first."""

    def first(*arguments: Any, **named: Any) -> Any:
        method = compiled(owner)
        setattr(owner, name, method)
        return method(*arguments, **named)

    return first


def _init(owner: _StructType) -> Callable[..., Any]:
    names: dict[str, Any] = {"_NOTHING": _NOTHING}
    arguments, statements = ["self"], []
    for name, each in sorted(_fields(owner).items(), key=lambda found: found[1].kw_only):
        names |= {f"_{name}": each.default, f"_make_{name}": each.factory}
        if each.kw_only and "*" not in arguments:
            arguments.append("*")
        if not each.init:
            statements += [f"self.{name} = _{name}"] if each.default is not _NOTHING else []
        elif each.factory is not _NOTHING:
            arguments.append(f"{name}=_NOTHING")
            statements.append(f"self.{name} = _make_{name}() if {name} is _NOTHING else {name}")
        else:
            arguments.append(name if each.default is _NOTHING else f"{name}=_{name}")
            statements.append(f"self.{name} = {name}")
    if hasattr(owner, "__post_init__"):
        statements.append("self.__post_init__()")
    return _compiled("__init__", ", ".join(arguments), statements or ["pass"], names)


def _eq(owner: _StructType) -> Callable[..., Any]:
    compared = [name for name, each in _fields(owner).items() if each.compare]
    own, others = ("".join(f"{who}.{name}, " for name in compared) for who in ("self", "other"))
    statements = ["if type(self) is not type(other): return NotImplemented", f"return ({own}) == ({others})"]
    return _compiled("__eq__", "self, other", statements, {})


def _hash(owner: _StructType) -> Callable[..., Any]:
    values = "".join(f"self.{name}, " for name, each in _fields(owner).items() if each.compare)
    return _compiled("__hash__", "self", [f"return hash(({values}))"], {})


def _compiled(name: str, arguments: str, statements: list[str], names: dict[str, Any]) -> Callable[..., Any]:
    text = "\n ".join([f"def {name}({arguments}):", *statements])
    exec(text, names)  # noqa: S102 - of names of fields, and nothing else
    made: Callable[..., Any] = names[name]
    return made


class Struct(metaclass=_StructType):
    """The base of all structs; see the module."""

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name, each in _fields(type(self)).items() if each.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"


T = TypeVar("T", bound=Struct)


def replace(struct: T, **changes: Any) -> T:
    """A copy with some fields changed."""
    kept = {name: getattr(struct, name) for name, each in _fields(type(struct)).items() if each.init}
    return type(struct)(**(kept | changes))
