"""What is wrong with a configuration file: its bodies, arguments and blocks.

The parser proper (:mod:`kvmform.lang.syntax.structure`) is made for files that are right. One that
isn't is read again here, the way HCL's parser reads it, so that all errors are told that
Terraform tells, and where it tells them. Nothing is built.
"""

from __future__ import annotations

from kvmform.diagnostics import Diagnostic, Source
from kvmform.lang.syntax.fault_characters import character_faults
from kvmform.lang.syntax.fault_collections import COLLECTION_TERMS
from kvmform.lang.syntax.fault_expressions import OPERAND_TERMS, read_expression
from kvmform.lang.syntax.fault_templates import TEMPLATE_TERMS, read_literal
from kvmform.lang.syntax.reader import Reader, TooDeepError
from kvmform.lang.syntax.scan import Scanned, scan

__all__ = ["file_faults"]

_REQUIRED = "Argument or block definition required"
_SINGLE = "Invalid single-argument block definition"


def file_faults(source: Source) -> list[Diagnostic]:
    """Everything that is wrong with the syntax of a file; empty where it is nested too deeply to tell."""
    tokens = scan(source.text)
    reader = Reader(source, tokens, {**OPERAND_TERMS, **COLLECTION_TERMS, **TEMPLATE_TERMS})
    try:
        _read_body(reader, "end", None)
    except (TooDeepError, RecursionError):
        return []
    return [*character_faults(source, tokens), *reader.problems]


def _read_body(reader: Reader, closer: str, opening: Scanned | None) -> None:
    names: dict[str, Scanned] = {}
    while (kind := reader.next.kind) != closer:
        if kind == "newline":
            reader.read()
        elif kind == "identifier":
            if closer == "end" and reader.begins_item():
                # Terraform tells less from the first error on; a new item can't be wrong because of an old one.
                reader.recovering = False
            _read_item(reader, names)
        else:
            _tell_no_item(reader, opening)
            reader.skip_past(closer)
            return
    reader.read()


def _tell_no_item(reader: Reader, opening: Scanned | None) -> None:
    found = reader.found()
    token = reader.read()
    if token.kind == "quote":
        detail = "Names of arguments and types of blocks are not quoted. Remove the quotes."
        reader.tell_once("Invalid argument name", detail, token)
    elif token.kind == "end" and opening is not None:
        detail = 'This block is not closed before the end of the file. Add "}", here or in a block inside it.'
        reader.tell_once("Unclosed configuration block", detail, opening)
    else:
        hint = " It closes no block that is open." if token.kind == "}" else ""
        detail = f"An argument (name = value) or a block is expected here; found {found}.{hint}"
        reader.tell_once(_REQUIRED, detail, token)


def _read_item(reader: Reader, names: dict[str, Scanned]) -> None:
    name = reader.read()
    if reader.next.kind == "=":
        _read_argument(reader, name, names)
    elif reader.next.kind in {"quote", "{", "identifier"}:
        _read_block(reader, name)
    else:
        detail = (
            f'After the name "{name.text}" must come "=" and a value, if it is an argument, or labels and "{{", if it '
            f"is a block; found {reader.found()}."
        )
        reader.tell(_REQUIRED, detail, name)
        reader.skip_item()


def _read_argument(reader: Reader, name: Scanned, names: dict[str, Scanned], *, in_line: bool = False) -> None:
    reader.read()
    is_wrong = read_expression(reader)
    if is_wrong and reader.recovering:
        reader.skip_item()
    elif not in_line:
        _read_newline(reader, name)
    if name.text in names:
        detail = (
            f'The argument "{name.text}" is set already on line {reader.line(names[name.text])}. Each argument can be '
            "set only once: remove one of the two."
        )
        reader.tell("Attribute redefined", detail, name)
    names.setdefault(name.text, name)


def _read_newline(reader: Reader, name: Scanned) -> None:
    end = reader.next
    if end.kind in {"newline", "end"}:
        reader.read()
        return
    summary, detail = "Missing newline after argument", f"An argument ends with its line; found {reader.found()}."
    if end.kind == ",":
        summary, detail = "Unexpected comma after argument", "Arguments are separated by newlines, not by commas."
    reader.tell_once(summary, f"{detail} Begin a new line before what follows.", end, reader.range(name, end))
    reader.skip_item()


def _read_block(reader: Reader, name: Scanned) -> None:
    while (token := reader.next).kind != "{":
        if token.kind == "identifier":
            reader.read()
        elif token.kind == "quote":
            _read_label(reader)
        else:
            _tell_no_brace(reader, name, token)
            reader.skip_item()
            return
    opening = reader.read()
    if reader.next.kind in {"newline", "end", "}"}:
        _read_nested(reader, opening)
    else:
        _read_in_line(reader, name, opening)
    end = reader.next
    if end.kind in {"newline", "end"}:
        reader.read()
        return
    detail = f"A block ends with its line; found {reader.found()}. Begin a new line before it."
    reader.tell_once("Missing newline after block definition", detail, end, reader.range(name, end))
    reader.skip_item()


def _read_nested(reader: Reader, opening: Scanned) -> None:
    with reader.newlines(count=True):
        _read_body(reader, "}", opening)


def _tell_no_brace(reader: Reader, name: Scanned, token: Scanned) -> None:
    summary, context = "Invalid block definition", reader.range(name, token)
    if token.kind == "=":
        detail = (
            'Only an argument is set with "=", and its name has no labels. Leave out "=" if it is a block, or what is '
            "before it if it is an argument."
        )
        reader.tell(summary, detail, token, context)
    elif token.kind == "newline":
        detail = 'A block has its content in braces; write "{" on the line of its type and labels.'
        reader.tell(summary, detail, token, context)
    else:
        detail = f'Here comes a quoted label or "{{"; found {reader.found()}.'
        reader.tell_once(summary, detail, token, context)


def _read_label(reader: Reader) -> None:
    summary = "Invalid string literal"
    quote = reader.read()
    while (token := reader.read()).kind != "quote end":
        match token.kind:
            case "literal":
                read_literal(reader, token)
            case "${" | "%{":
                detail = (
                    f'A label is fixed text, without {token.text}…}}. For a literal "{token.text[:2]}", double its '
                    "first character."
                )
                reader.tell(summary, detail, token, reader.range(quote, token))
                reader.skip_past("sequence end")
            case "end":
                detail = "The file ends inside this label. Close it with a quote."
                reader.tell("Unterminated string literal", detail, token, reader.range(quote, token))
                return
            case _:
                detail = "This can't stand in a label. Close the label with a quote on its line."
                reader.tell(summary, detail, token, reader.range(quote, token))
                reader.skip_past("quote end")
                return


def _read_in_line(reader: Reader, name: Scanned, opening: Scanned) -> None:
    """Read what stands in a block that is written on one line."""
    before = len(reader.problems)
    _read_only_argument(reader)
    inner = reader.problems[before:]
    del reader.problems[before:]
    token = reader.next
    if token.kind == "}":
        reader.read()
    else:
        found = reader.found()
        detail = (
            'A block that begins with an argument on the line of its "{" ends on that line, and holds only that; found '
            f'{found} instead of "}}". Begin a new line after "{{", and after each argument.'
        )
        if token.kind in {",", "newline"}:
            reader.tell(_SINGLE, detail, token)
        elif token.kind == "end":
            detail = 'This block is not closed before the end of the file. Add "}".'
            reader.tell_once("Unclosed configuration block", detail, opening, reader.range(name, opening))
        else:
            reader.tell_once(_SINGLE, detail, token)
        reader.skip_past("}")
    reader.problems += inner


def _read_only_argument(reader: Reader) -> None:
    found = reader.found()
    name = reader.read()
    if name.kind == "identifier" and reader.next.kind == "=":
        _read_argument(reader, name, {}, in_line=True)
        return
    if name.kind == "identifier" and reader.next.kind in {"quote", "{", "identifier"}:
        detail = (
            "A block that is written on one line can hold only one argument, and no block. Put what it holds on lines "
            "of its own."
        )
        reader.tell("Argument definition required", detail, reader.range(name, reader.next))
    else:
        what = reader.found() if name.kind == "identifier" else found
        detail = f"An argument (name = value) is expected here; found {what}."
        reader.tell(_REQUIRED, detail, name)
    reader.skip_item()
