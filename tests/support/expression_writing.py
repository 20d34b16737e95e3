"""Expressions at random: every construct of the language, and every function with arguments that mostly fit.

Takes a :class:`random.Random`, so that a seed, or hypothesis, decides.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from kvmform.lang.functions import FUNCTIONS
from kvmform.lang.functions.signature import Function
from kvmform.values.types import ListType, MapType, ObjectType, PrimitiveType, SetType, TupleType, Type

__all__ = ["WORLDLY", "ExpressionWriter"]

WORLDLY = frozenset({"abspath", "bcrypt", "timestamp", "uuid", "plantimestamp", "pathexpand", "rsadecrypt"})
"""Functions whose result isn't that of their arguments alone."""

_NUMBERS = ["0", "1", "2", "3", "10", "-1", "0.1", "1.5", "1e3", "100000000000000000000", "255", "-7.25", "1e-7", "64"]
_STRINGS = [
    "",
    "a",
    "b",
    "abc",
    "1",
    "0.5",
    "true",
    "hello world",
    "a,b,c",
    "10.0.0.0/8",
    "192.168.1.5",
    "fd00::/64",
    "%s-%d",
    "%05.2f|%v",
    "(a+)(b?)",
    "2024-02-29T12:30:45Z",
    "1h30m",
    "YYYY-MM-DD",
    "e\\u0301t\\u00e9",
    "世界",
    "  padded ",
    "x: [1, 2]",
    r"{\"a\": [1, null]}",
    "aGVsbG8=",
    "hello.txt",
    "line\\nbreak\\n",
    "$${a}",
]
_TEXTS = ["", "x", " ", "\\n", "ab ", "é", "$${", "%%{", "1"]
_KEYS = ["a", "b", "c", "k1", "x y"]
_NAMES = ["x", "y", "item"]


class ExpressionWriter:
    """Writes expressions; `references` are what they may refer to, `functions` what they may call."""

    def __init__(self, random: Random, references: list[str], functions: list[str] | None = None) -> None:
        self._random = random
        self._references = references
        self._functions = functions or sorted(
            name for name in FUNCTIONS if name not in WORLDLY and not name.startswith("core::")
        )
        self._bound: list[str] = []

    def write(self, depth: int = 3) -> str:
        """An expression with at most about `depth` levels."""
        return self._any(depth)

    def _choose(self, options: list[str]) -> str:
        return options[self._random.randrange(len(options))]

    def _chance(self, percent: int) -> bool:
        return self._random.randrange(100) < percent

    def _any(self, depth: int) -> str:
        if depth <= 0:
            return self._leaf()
        writers: list[Callable[[int], str]] = [
            lambda _: self._leaf(),
            self._call,
            self._call,
            self._call,
            self._list,
            self._map,
            self._number,
            self._bool,
            self._conditional,
            self._for,
            self._template,
            self._step,
            self._splat,
            lambda levels: f"({self._any(levels - 1)})",
        ]
        return writers[self._random.randrange(len(writers))](depth)

    def _leaf(self) -> str:
        if self._bound and self._chance(50):
            return self._choose(self._bound)
        match self._random.randrange(12):
            case 0 | 1 | 2:
                return self._choose(_NUMBERS)
            case 3 | 4 | 5:
                return f'"{self._choose(_STRINGS)}"'
            case 6:
                return self._choose(["true", "false"])
            case 7:
                return "null"
            case 8:
                return self._choose(["[]", "{}", "[1, 2]", '["b", "a"]', "{ a = 1, b = 2 }", '{ a = "x" }'])
        return self._choose(self._references) if self._references else "null"

    def _of(self, kind: Type, depth: int) -> str:
        """An expression that is mostly of a type, or can become one."""
        if self._chance(12):
            return self._any(depth)
        match kind:
            case PrimitiveType("string"):
                return f'"{self._choose(_STRINGS)}"' if depth <= 0 or self._chance(60) else self._template(depth)
            case PrimitiveType("number"):
                return self._choose(_NUMBERS) if depth <= 0 or self._chance(70) else self._number(depth)
            case PrimitiveType("bool"):
                return self._choose(["true", "false"]) if depth <= 0 else self._bool(depth)
            case ListType(element) | SetType(element):
                items = ", ".join(self._of(element, depth - 1) for _ in range(self._random.randrange(4)))
                wrap = self._choose(["{}", "{}", "tolist({})", "toset({})"])
                return wrap.format(f"[{items}]")
            case MapType(element):
                items = ", ".join(
                    f'"{key}" = {self._of(element, depth - 1)}' for key in _KEYS[: self._random.randrange(4)]
                )
                return self._choose(["{}", "tomap({})"]).format("{ " + items + " }")
            case ObjectType() | TupleType():
                return self._any(depth)
        return self._any(depth - 1) if self._chance(50) else self._collection(depth - 1)

    def _collection(self, depth: int) -> str:
        return self._map(depth) if self._chance(40) else self._list(depth)

    def _call(self, depth: int) -> str:
        name = self._choose(self._functions)
        function = FUNCTIONS[name]
        arguments = [self._argument(function, index, depth - 1) for index in range(self._count(function))]
        expand = "..." if arguments and self._chance(4) else ""
        return f"{name}({', '.join(arguments)}{expand})"

    def _argument(self, function: Function, index: int, depth: int) -> str:
        if index < len(function.parameters) or function.variadic is not None:
            return self._of(function.parameter(index).type, depth)
        return self._any(depth)

    def _count(self, function: Function) -> int:
        count = len(function.parameters)
        if function.variadic is not None:
            count += self._random.randrange(4)
        if self._chance(3):
            count = max(0, count + self._choose_number([-1, 1]))
        return count

    def _choose_number(self, options: list[int]) -> int:
        return options[self._random.randrange(len(options))]

    def _list(self, depth: int) -> str:
        items = [self._any(depth - 1) for _ in range(self._random.randrange(4))]
        if items and self._chance(50):
            items = [items[0]] * len(items) if self._chance(30) else items
        wrap = self._choose(["{}", "{}", "{}", "tolist({})", "toset({})"])
        return wrap.format(f"[{', '.join(items)}]")

    def _map(self, depth: int) -> str:
        items = []
        for key in _KEYS[: self._random.randrange(4)]:
            shown = key if " " not in key and self._chance(60) else f'"{key}"'
            shown = f"({self._any(depth - 1)})" if self._chance(8) else shown
            items.append(f"{shown} {self._choose(['=', ':'])} {self._any(depth - 1)}")
        return self._choose(["{}", "{}", "tomap({})"]).format("{ " + ", ".join(items) + " }")

    def _number(self, depth: int) -> str:
        operator = self._choose(["+", "-", "*", "/", "%"])
        text = f"{self._operand(depth, 'number')} {operator} {self._operand(depth, 'number')}"
        return f"-{self._operand(depth, 'number')}" if self._chance(15) else text

    def _operand(self, depth: int, kind: str) -> str:
        return self._of(PrimitiveType(kind), depth - 1)

    def _bool(self, depth: int) -> str:
        match self._random.randrange(4):
            case 0:
                operator = self._choose(["==", "!="])
                return f"{self._any(depth - 1)} {operator} {self._any(depth - 1)}"
            case 1:
                operator = self._choose(["<", "<=", ">", ">="])
                return f"{self._operand(depth, 'number')} {operator} {self._operand(depth, 'number')}"
            case 2:
                operator = self._choose(["&&", "||"])
                return f"{self._operand(depth, 'bool')} {operator} {self._operand(depth, 'bool')}"
        return f"!{self._operand(depth, 'bool')}"

    def _conditional(self, depth: int) -> str:
        then = self._any(depth - 1)
        otherwise = then if self._chance(20) else self._any(depth - 1)
        return f"({self._operand(depth, 'bool')} ? {then} : {otherwise})"

    def _for(self, depth: int) -> str:
        collection = self._collection(depth - 1) if self._chance(80) else self._any(depth - 1)
        names = _NAMES[: 1 + self._random.randrange(2)]
        self._bound.extend(names)
        result, condition = self._any(depth - 1), ""
        if self._chance(25):
            condition = f" if {self._operand(depth, 'bool')}"
        key = self._choose([names[-1], names[0], f"tostring({names[0]})", "upper(jsonencode(" + names[-1] + "))"])
        del self._bound[-len(names) :]
        head = f"for {', '.join(names)} in {collection} :"
        if self._chance(50):
            return f"[{head} {result}{condition}]"
        return f"{{{head} {key} => {result}{self._choose(['', '', '...'])}{condition}}}"

    def _template(self, depth: int) -> str:
        return f'"{self._template_text(depth)}"'

    def _template_text(self, depth: int) -> str:
        parts = []
        for _ in range(1 + self._random.randrange(3)):
            match self._random.randrange(6):
                case 0 | 1:
                    parts.append(self._choose(_TEXTS))
                case 2 | 3 | 4:
                    parts.append(f"{self._opening('$')}{self._any(depth - 1)}{self._closing()}")
                case _:
                    parts.append(self._directive(depth))
        return "".join(parts)

    def _opening(self, kind: str) -> str:
        return kind + "{" + self._choose(["", "", "~ "])

    def _closing(self) -> str:
        return self._choose(["", "", " ~"]) + "}"

    def _directive(self, depth: int) -> str:
        if depth <= 1:
            return ""
        if self._chance(50):
            condition = self._operand(depth, "bool")
            otherwise = f"{self._opening('%')} else {self._closing()}{self._template_text(depth - 1)}"
            return (
                f"{self._opening('%')} if {condition} {self._closing()}{self._template_text(depth - 1)}"
                f"{self._choose(['', otherwise])}{self._opening('%')} endif {self._closing()}"
            )
        collection = self._collection(depth - 1)
        self._bound.append("item")
        body = self._template_text(depth - 1)
        self._bound.pop()
        return (
            f"{self._opening('%')} for item in {collection} {self._closing()}{body}"
            f"{self._opening('%')} endfor {self._closing()}"
        )

    def _step(self, depth: int) -> str:
        base = self._choose([self._collection(depth - 1), self._collection(depth - 1), self._leaf()])
        base = base if base[-1] in ")]}" else f"({base})"
        step = self._choose([".a", '["a"]', "[0]", "[1]", ".b", f"[{self._any(depth - 1)}]", ".0"])
        return base + step

    def _splat(self, depth: int) -> str:
        base = self._choose([self._collection(depth - 1), self._leaf()])
        base = base if base[-1] in ")]}" else f"({base})"
        return base + self._choose(["[*]", ".*", "[*].a", ".*.a", "[*][0]", ".*[0]", "[*].a.b", "[*][*]"])
