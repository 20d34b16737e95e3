"""Functions on strings: case, trimming, splitting, searching.

Source: https://developer.hashicorp.com/terraform/language/functions, section "String Functions".
"""

from __future__ import annotations

from kvmform.lang.functions.arguments import whole_number
from kvmform.lang.functions.grapheme import clusters
from kvmform.lang.functions.signature import Function, FunctionError, Parameter, parameters
from kvmform.values.kinds import is_null
from kvmform.values.marks import is_wholly_known
from kvmform.values.model import ListValue, Unknown, Value
from kvmform.values.types import BOOL, NUMBER, STRING, ListType

__all__ = ["FUNCTIONS"]

WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Unicode calls white space; Python's own `strip` takes more than that."""


def upper_letter(letter: str) -> str:
    """Simple upper case: always one letter, or the same one (`ß` stays)."""
    upper = letter.upper()
    return upper if len(upper) == 1 else title_letter(letter)


def lower_letter(letter: str) -> str:
    """Simple lower case: always one letter."""
    lower = letter.lower()
    return lower if len(lower) == 1 else lower[0]


def title_letter(letter: str) -> str:
    """Simple title case: always one letter, or the same one."""
    title = letter.title()
    return title if len(title) == 1 else letter


def upper(text: str) -> str:
    return text.upper() if text.isascii() else "".join(map(upper_letter, text))


def lower(text: str) -> str:
    return text.lower() if text.isascii() else "".join(map(lower_letter, text))


def title(text: str) -> str:
    letters = []
    starts_word = True
    for letter in text:
        letters.append(title_letter(letter) if starts_word else letter)
        starts_word = ends_word(letter)
    return "".join(letters)


def ends_word(letter: str) -> bool:
    """Whether a new word begins behind a letter; outside of ASCII only white space does that."""
    return not (letter.isalnum() or letter == "_") if letter.isascii() else letter in WHITE_SPACE


def strrev(text: str) -> str:
    return "".join(reversed(clusters(text)))


def substr(text: str, offset: Value, length: Value) -> str:
    start, count = whole_number(offset), whole_number(length)
    characters = clusters(text)
    if start < 0:
        start = max(start + len(characters), 0)
    elif count == 0:
        return ""
    # A count of 0 behind a negative offset gives the whole rest, as in Terraform.
    end = start + count if count > 0 else None
    return "".join(characters[start:end])


def chomp(text: str) -> str:
    return text.rstrip("\r\n")


def trim(text: str, cutset: str) -> str:
    return text.strip(cutset)


def trimprefix(text: str, prefix: str) -> str:
    return text.removeprefix(prefix)


def trimsuffix(text: str, suffix: str) -> str:
    return text.removesuffix(suffix)


def trimspace(text: str) -> str:
    return text.strip(WHITE_SPACE)


def indent(spaces: Value, text: str) -> str:
    count = whole_number(spaces)
    if count < 0:
        raise FunctionError("the number of spaces must not be negative", 0)
    return text.replace("\n", "\n" + " " * count)


def join(separator: str, *lists: Value) -> Value:
    if not lists:
        raise FunctionError("at least one list is required")
    if not all(is_wholly_known(values) for values in lists):
        return Unknown(STRING)
    items: list[str] = []
    for number, values in enumerate(lists, start=1):
        for index, item in enumerate(values.items):
            if is_null(item):
                which = f"element {index} of list {number}" if len(lists) > 1 else f"element {index}"
                raise FunctionError(f"{which} is null; cannot concatenate null values", number)
            items.append(item)
    return separator.join(items)


def split(separator: str, text: str) -> Value:
    return ListValue(STRING, tuple(text.split(separator) if separator else text))


def startswith(text: Value, prefix: str) -> Value:
    if not isinstance(text, Unknown):
        return text.startswith(prefix)
    if text.prefix.startswith(prefix):
        return True
    if len(text.prefix) >= len(prefix):
        return False
    return Unknown(BOOL)


def endswith(text: str, suffix: str) -> bool:
    return text.endswith(suffix)


def strcontains(text: str, part: str) -> bool:
    return part in text


FUNCTIONS = (
    Function("upper", parameters(str=STRING), STRING, upper, "A string with all letters in upper case."),
    Function("lower", parameters(str=STRING), STRING, lower, "A string with all letters in lower case."),
    Function("title", parameters(str=STRING), STRING, title, "A string with each word's first letter in upper case."),
    Function("strrev", parameters(str=STRING), STRING, strrev, "A string with its characters in reverse order."),
    Function(
        "substr",
        parameters(str=STRING, offset=NUMBER, length=NUMBER),
        STRING,
        substr,
        "Part of a string, by offset (from its end if negative) and length (all that follows if negative).",
    ),
    Function("chomp", parameters(str=STRING), STRING, chomp, "A string without newlines at its end."),
    Function(
        "trim", parameters(str=STRING, cutset=STRING), STRING, trim, "A string without some characters at both ends."
    ),
    Function("trimprefix", parameters(str=STRING, prefix=STRING), STRING, trimprefix, "A string without a prefix."),
    Function("trimsuffix", parameters(str=STRING, suffix=STRING), STRING, trimsuffix, "A string without a suffix."),
    Function("trimspace", parameters(str=STRING), STRING, trimspace, "A string without white space at both ends."),
    Function(
        "indent",
        parameters(spaces=NUMBER, str=STRING),
        STRING,
        indent,
        "A string with spaces in front of every line but the first.",
    ),
    Function(
        "join",
        parameters(separator=STRING),
        STRING,
        join,
        "The strings of some lists with a separator between them.",
        variadic=Parameter("lists", ListType(STRING)),
    ),
    Function(
        "split",
        parameters(separator=STRING, str=STRING),
        ListType(STRING),
        split,
        "The parts of a string between separators.",
    ),
    Function(
        "startswith",
        (Parameter("str", STRING, allow_unknown=True), Parameter("prefix", STRING)),
        BOOL,
        startswith,
        "Tells whether a string begins with a prefix.",
    ),
    Function(
        "endswith", parameters(str=STRING, suffix=STRING), BOOL, endswith, "Tells whether a string ends with a suffix."
    ),
    Function(
        "strcontains",
        parameters(str=STRING, substr=STRING),
        BOOL,
        strcontains,
        "Tells whether a string has another one in it.",
        may_be_null=True,
    ),
)
