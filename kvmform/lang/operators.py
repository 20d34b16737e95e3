"""The operators of the language, on values.

Operands that are not of the operator's type are converted; an unknown one makes the result
unknown, marks go over to the result. `&&` and `||` don't short-circuit: both sides are always
evaluated, as in Terraform up to 1.11.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.dispatch import Fault
from kvmform.struct import Struct
from kvmform.values import number
from kvmform.values.equality import equals
from kvmform.values.kinds import is_null
from kvmform.values.marks import mark, marks_in, unmark
from kvmform.values.model import Unknown, Value
from kvmform.values.types import BOOL, NUMBER, Type

__all__ = ["OperandFault", "apply_binary", "apply_unary", "binary_type", "unary_type"]


class OperandFault(Fault):
    """One operand is not suitable; `side` is `left`, `right` or `unary`."""

    def __init__(self, side: str, reason: str) -> None:
        super().__init__("Invalid operand", f"Unsuitable value for {side} operand: {reason}.")
        self.side = side


class _Operation(Struct):
    operands: Type
    result: Type
    function: Callable[..., Value]


_BINARY = {
    "+": _Operation(NUMBER, NUMBER, number.add),
    "-": _Operation(NUMBER, NUMBER, number.subtract),
    "*": _Operation(NUMBER, NUMBER, number.multiply),
    "/": _Operation(NUMBER, NUMBER, number.divide),
    "%": _Operation(NUMBER, NUMBER, number.modulo),
    "<": _Operation(NUMBER, BOOL, operator.lt),
    "<=": _Operation(NUMBER, BOOL, operator.le),
    ">": _Operation(NUMBER, BOOL, operator.gt),
    ">=": _Operation(NUMBER, BOOL, operator.ge),
    "&&": _Operation(BOOL, BOOL, lambda left, right: left and right),
    "||": _Operation(BOOL, BOOL, lambda left, right: left or right),
}
_UNARY = {"-": _Operation(NUMBER, NUMBER, number.negate), "!": _Operation(BOOL, BOOL, operator.not_)}


def apply_binary(symbol: str, left: Value, right: Value) -> Value:
    """`left symbol right`.

    Raises:
        Fault: an operand has the wrong type or is null, or the operation is undefined.
    """
    if symbol in ("==", "!="):
        return _compare(symbol, left, right)
    operation = _BINARY[symbol]
    if type(left) is int and type(right) is int and operation.operands is NUMBER:
        return _run(operation, left, right)
    left, left_marks = unmark(_operand(left, operation.operands, "left"))
    right, right_marks = unmark(_operand(right, operation.operands, "right"))
    _reject_nulls(left, right)
    if type(left) is Unknown or type(right) is Unknown:
        return mark(Unknown(operation.result, not_null=True), left_marks | right_marks)
    return mark(_run(operation, left, right), left_marks | right_marks)


def binary_type(symbol: str) -> Type:
    """The type of what an operator of two operands makes."""
    return BOOL if symbol in ("==", "!=") else _BINARY[symbol].result


def unary_type(symbol: str) -> Type:
    """The type of what an operator of one operand makes."""
    return _UNARY[symbol].result


def apply_unary(symbol: str, operand: Value) -> Value:
    """`-operand` or `!operand`.

    Raises:
        Fault: the operand has the wrong type or is null.
    """
    operation = _UNARY[symbol]
    operand, marks = unmark(_operand(operand, operation.operands, "unary"))
    _reject_nulls(operand)
    if type(operand) is Unknown:
        return mark(Unknown(operation.result, not_null=True), marks)
    return mark(operation.function(operand), marks)


def _compare(symbol: str, left: Value, right: Value) -> Value:
    same = equals(left, right)
    result = Unknown(BOOL, not_null=True) if same is None else same is (symbol == "==")
    return mark(result, marks_in(left) | marks_in(right))


def _operand(value: Value, kind: Type, side: str) -> Value:
    try:
        return convert(value, kind)
    except ConversionError as problem:
        raise OperandFault(side, problem.message) from None


def _reject_nulls(*operands: Value) -> None:
    for operand in operands:
        if is_null(operand):
            raise Fault("Operation failed", "An operand is null. Operators need a value on each side.")


def _run(operation: _Operation, left: Value, right: Value) -> Value:
    try:
        return operation.function(left, right)
    except ArithmeticError as problem:
        raise Fault("Operation failed", f"Error during operation: {problem}.") from None
