"""Functions that evaluate their arguments themselves, to survive errors: `try` and `can`.

Source: https://developer.hashicorp.com/terraform/language/functions/try.
"""

from __future__ import annotations

from kvmform.diagnostics import Diagnostic, DiagnosticError
from kvmform.lang.functions.signature import CallContext, Function, FunctionError, LazyArgument, Parameter
from kvmform.values.marks import is_wholly_known, mark, marks_in
from kvmform.values.model import Unknown, Value
from kvmform.values.types import BOOL, DYNAMIC

__all__ = ["FUNCTIONS"]


def try_(_context: CallContext, *arguments: LazyArgument) -> Value:
    if not arguments:
        raise FunctionError("at least one argument is required")
    problems: list[Diagnostic] = []
    for argument in arguments:
        try:
            value = argument.evaluate()
        except DiagnosticError as problem:
            problems.extend(problem.diagnostics)
            continue
        # Once it is known an error may show, and another argument be chosen.
        return value if is_wholly_known(value) else mark(Unknown(), marks_in(value))
    reasons = "".join(f"- {reason(problem)}\n" for problem in problems)
    raise FunctionError(
        f"no expression succeeded:\n{reasons}\nAt least one expression must produce a successful result"
    )


def reason(problem: Diagnostic) -> str:
    """One line on what is wrong where, one on why."""
    where = f" (at {problem.subject})" if problem.subject else ""
    return f"{problem.summary}{where}\n  {problem.detail}"


def can(_context: CallContext, argument: LazyArgument) -> Value:
    try:
        value = argument.evaluate()
    except DiagnosticError:
        return False
    return True if is_wholly_known(value) else Unknown(BOOL, not_null=True)


FUNCTIONS = (
    Function(
        "try",
        (),
        DYNAMIC,
        try_,
        "The first of some expressions that can be evaluated without an error.",
        variadic=Parameter("expressions", DYNAMIC),
        lazy=True,
    ),
    Function(
        "can",
        (Parameter("expression", DYNAMIC),),
        BOOL,
        can,
        "Tells whether an expression can be evaluated without an error.",
        lazy=True,
    ),
)
