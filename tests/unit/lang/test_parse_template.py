"""Quoted strings, heredocs and template files to trees. The expected texts are Terraform's."""

from __future__ import annotations

import pytest
from tree_text import tree_text

from kvmform.diagnostics import Diagnostic, DiagnosticError
from kvmform.lang.ast import Expression, Literal, Template, TemplateIf
from kvmform.lang.parse import parse_config, parse_expression, parse_template


def parsed(text: str) -> Expression:
    return parse_expression(text, "test.tf")


def failure(text: str) -> Diagnostic:
    with pytest.raises(DiagnosticError) as caught:
        parsed(text)
    return caught.value.diagnostics[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('""', ""),
        ('"a b"', "a b"),
        (r'"\n\r\t\"\\"', '\n\r\t"\\'),
        (r'"\u00e9 \U0001F600"', "é \U0001f600"),
        (r'"e\u0301"', "é"),
        ('"e\u0301"', "é"),
        ('"$${a} %%{b}"', "${a} %{b}"),
        ('"$ $$ % %% $}"', "$ $$ % %% $}"),
        ('"$$${a}"', "$${a}"),
        ('"100%"', "100%"),
        ('"# no /* comment"', "# no /* comment"),
        ('"\x00"', "\x00"),
        (r'"a\\${b"', None),
        ("<<X\na\n b\nX", "a\n b\n"),
        ("<<X\nX", ""),
        ("<<X\n\nX", "\n"),
        ('<<X\n \\n $${a} "b" %%{c}\nX', ' \\n ${a} "b" %{c}\n'),
        ("<<X\nXX\n X x\n \t X \t", "XX\n X x\n"),
        ("<<X\r\na\r\nX\r\n", "a\r\n"),
        ("<<é\ne\u0301\né", "é\n"),
        ("<<-X\n    a\n      b\n\n    c\n  X", "a\n  b\n\nc\n"),
        ("<<-X\n\ta\n\t\tb\nX", "a\n\tb\n"),
        ("<<-X\n  a\n \t\n  b\nX", "a\n \t\nb\n"),
        ("<<-X\na\n  b\nX", "a\n  b\n"),
        ("<<-X\n  $${a}\n  b\nX", "${a}\nb\n"),
    ],
)
def test_text_without_sequences_is_a_literal(text: str, value: str | None) -> None:
    if value is None:
        assert failure(text).summary == "Unclosed template interpolation sequence"
        return
    node = parsed(text)
    assert isinstance(node, Literal)
    assert node.value == value


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('"${a}"', "w(a)"),
        ('"${~ a ~}"', "w(a)"),
        ('"${"${a}"}"', "w(w(a))"),
        ('"${a}${b}"', "t(a, b)"),
        ('" ${a}"', 't(" ", a)'),
        ('"$${a}${b}"', 't("${a}", b)'),
        ('"${"}"}"', 'w("}")'),
        ('"${{a = 1}["a"]}"', 'w({"a" = 1}["a"])'),
        ('"${f("x", "y${z}")}"', 'w(f("x", t("y", z)))'),
        ('"${\na\n+\nb\n}"', "w((a + b))"),
        ('"%{ if a }b%{ else }c%{ endif }"', 't(if(a, "b", "c"))'),
        ('"%{ if a }%{ endif }"', 't(if(a, "", ""))'),
        ('"%{ if a }${b}%{ endif }"', 't(if(a, t(b), ""))'),
        ('"%{ for x in y }-${x}%{ endfor }"', 't(for(x in y, t("-", x)))'),
        ('"%{ for k, v in y }%{ endfor }"', 't(for(k, v in y, ""))'),
        ('"%{ for x in y }%{ if x }a%{ else }b%{ endif }c%{ endfor }"', 't(for(x in y, t(if(x, "a", "b"), "c")))'),
        ("<<X\n${a}\nX", 't(a, "\\n")'),
        ("<<X\n${<<Y\nb\nY\n}c\nX", 't("b\\n", "c\\n")'),
        ("<<X\na ${b}X\nX", 't("a ", b, "X\\n")'),
    ],
)
def test_sequences(text: str, tree: str) -> None:
    assert tree_text(parsed(text)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('"a  ${~ b ~}  c"', 't("a", b, "c")'),
        ('"a \\n ${~ b ~} \\t c"', 't("a", b, "c")'),
        ('"a %{~ if b ~} c %{~ else ~} d %{~ endif ~} e"', 't("a", if(b, "c", "d"), "e")'),
        ('"${a ~} ${b}"', "t(a, b)"),
        ("<<X\n${a ~}\nX", "t(a)"),
        ("<<X\na\n  ${~ b ~}\n  c\nX", 't("a\\n", b, "  c\\n")'),
        ("<<X\n%{ for x in y ~}\n- ${x}\n%{ endfor ~}\nX", 't(for(x in y, t("- ", x, "\\n")))'),
        ("<<-X\n    a\n  ${b}\n      c\n  X", 't("  a\\n", b, "\\n    c\\n")'),
        ("<<-X\n  a\n${b}\nX", 't("  a\\n", b, "\\n")'),
        ("<<-X\n  %{ if a ~}\n    b\n  %{ endif ~}\n  c\nX", 't(if(a, "    b\\n", ""), "  c\\n")'),
        ('"a\u00a0${~ b ~}\u3000\x1f"', 't("a", b, "\\u001f")'),
    ],
)
def test_strip_markers_and_margins(text: str, tree: str) -> None:
    """A marker strips the adjoining line only; a margin is measured after that, and `~` can hide a line's beginning."""
    assert tree_text(parsed(text)) == tree


@pytest.mark.parametrize(
    ("text", "summary", "at"),
    [
        (r'"\x41"', "Invalid escape sequence", r"\x"),
        (r'"a\${b}"', "Invalid escape sequence", r"\$"),
        (r'"${a}\u12"', "Invalid escape sequence", r"\u12"),
        (r'"\UD8000000"', "Invalid escape sequence", r"\UD8000000"),
        (r'"\uD800"', "Invalid escape sequence", r"\uD800"),
        ('"a', "Invalid multi-line string", '"a'),
        ('"a\\', "Invalid multi-line string", '"a\\'),
        ('"${a', "Unclosed template interpolation sequence", "${"),
        ('"a ${b" c', "Unclosed template interpolation sequence", "${"),
        ('"${a b}"', "Extra characters after interpolation expression", "b"),
        ('"${a:b}"', "Extra characters after interpolation expression", ":"),
        ('"${}"', "Invalid expression", "}"),
        ('"%{}"', "Invalid template directive", "}"),
        ('"%{ 1 }"', "Invalid template directive", "1"),
        ('"%{ while a }"', "Invalid template control keyword", "while"),
        ('"%{ if a b }"', "Extra characters in if marker", "b"),
        ('"%{ for x of y }"', "Invalid 'for' directive", "of"),
        ('"%{ else }"', "Unexpected else directive", "%{ else }"),
        ('"%{ if a }%{ else }%{ else }%{ endif }"', "Unexpected else directive", "%{ else }"),
        ('"%{ if a }%{ endfor }"', "Unexpected endfor directive", "%{ endfor }"),
        ('"%{ for x in y }%{ endif }"', "Unexpected endif directive", "%{ endif }"),
        ('"%{ if a }"', "Unexpected end of template", '"'),
        ("<<X\na", "Unterminated template string", "<<"),
        ("<<X \na\nX", "Invalid expression", "<"),
    ],
)
def test_errors(text: str, summary: str, at: str) -> None:
    problem = failure(text)
    assert problem.subject is not None
    assert (problem.summary, problem.subject.text) == (summary, at)


def test_the_end_marker_of_a_heredoc_may_have_blanks_round_it() -> None:
    body, problems = parse_config('a = <<X\nb\nX  \nc "d" {\n}\ne = <<Y\nf\n  Y\t\r\n', "test.tf")
    assert problems == []
    assert [tree_text(body.attributes[name].expression) for name in ("a", "e")] == ['"b\\n"', '"f\\n"']
    assert [block.type for block in body.blocks] == ["c"]


def test_a_heredoc_ends_at_its_marker_and_the_line_goes_on_in_brackets() -> None:
    body, problems = parse_config("a = [<<X\nb\nX\n, <<Y\nc\nY\n]\nd = 1\n", "test.tf")
    assert problems == []
    assert tree_text(body.attributes["a"].expression) == '["b\\n", "c\\n"]'
    assert body.attributes["a"].range.text.endswith("]")


def test_places_in_templates() -> None:
    text = '"a ${b} %{ if c }d%{ endif }"'
    node = parsed(text)
    assert isinstance(node, Template)
    condition = node.parts[3]
    assert isinstance(condition, TemplateIf)
    texts = [part.range.text for part in (node, *node.parts, condition.condition, condition.then)]
    assert texts == [text, "a ", "b", " ", "%{ if c }d%{ endif }", "c", "d"]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", '""'),
        ("a\n", '"a\\n"'),
        ("${a}", "w(a)"),
        ("\ufeff${a}", "w(a)"),
        ("${a}\n", 't(a, "\\n")'),
        ('"${a}" \\n $', 't("\\"", a, "\\" \\\\n $")'),
        ("%{ for x in y ~}\n${x}\n%{ endfor ~}\n", 't(for(x in y, t(x, "\\n")))'),
        ("$${a} EOT\n", '"${a} EOT\\n"'),
        ("é", '"é"'),
    ],
)
def test_template_files(text: str, tree: str) -> None:
    assert tree_text(parse_template(text, "x.tftpl")) == tree


@pytest.mark.parametrize(
    ("text", "summary", "line"),
    [
        ("a\n${b", "Unclosed template interpolation sequence", 2),
        ("a\n%{ if b }\n", "Unexpected end of template", 3),
        ("\n}\n%{ endif }", "Unexpected endif directive", 3),
        ("\n${a b}", "Extra characters after interpolation expression", 2),
        ('\n${"}', "Invalid multi-line string", 2),
    ],
)
def test_errors_in_template_files_name_file_and_line(text: str, summary: str, line: int) -> None:
    with pytest.raises(DiagnosticError) as caught:
        parse_template(text, "x.tftpl")
    problem = caught.value.diagnostics[0]
    assert problem.subject is not None
    assert (problem.summary, problem.subject.filename, problem.subject.first.line) == (summary, "x.tftpl", line)
