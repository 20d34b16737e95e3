"""`yamlencode` and `yamldecode`.

Source: https://developer.hashicorp.com/terraform/language/functions/yamldecode.
"""

from __future__ import annotations

from kvmform.lang.functions.signature import Function, Parameter, parameters
from kvmform.values.marks import is_wholly_known
from kvmform.values.model import Unknown, Value
from kvmform.values.types import DYNAMIC, STRING

__all__ = ["FUNCTIONS"]


def yamlencode(value: Value) -> Value:
    if not is_wholly_known(value):
        return Unknown(STRING)
    from kvmform.lang.functions.yaml_writing import write_document

    return write_document(value)


def yamldecode(text: str) -> Value:
    from kvmform.lang.functions.yaml_reading import read_document

    return read_document(text)


FUNCTIONS = (
    Function(
        "yamlencode",
        (Parameter("value", DYNAMIC, allow_null=True, allow_dynamic=True),),
        STRING,
        yamlencode,
        "A value as YAML text.",
        may_be_null=True,
    ),
    Function("yamldecode", parameters(src=STRING), DYNAMIC, yamldecode, "The value of a YAML text.", may_be_null=True),
)
