"""Expressions to trees."""

from __future__ import annotations

import pytest
from tree_text import tree_text

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import Attribute, Binary, Call, Expression, GetAttribute, Index, Literal, Splat
from kvmform.lang.parse import parse_config, parse_expression
from kvmform.values.number import parse_number


def parsed(text: str) -> Expression:
    return parse_expression(text, "test.tf")


def place(text: str) -> tuple[str, str]:
    """Summary of the error that `text` gives, and the part of the text it points at."""
    with pytest.raises(DiagnosticError) as caught:
        parsed(text)
    subject = caught.value.diagnostics[0].subject
    assert subject is not None
    return caught.value.diagnostics[0].summary, subject.text


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 * 2 + 3", "((1 * 2) + 3)"),
        ("10 - 4 - 3", "((10 - 4) - 3)"),
        ("a || b && c == d < e + f * g", "(a || (b && (c == (d < (e + (f * g))))))"),
        ("a * b + c < d == e && f || g", "((((((a * b) + c) < d) == e) && f) || g)"),
        ("a == b != c", "((a == b) != c)"),
        ("a % b / c", "((a % b) / c)"),
        ("(1 + 2) * 3", "(p((1 + 2)) * 3)"),
        ("-1 + 2", "((-1) + 2)"),
        ("1 -2", "(1 - 2)"),
        ("10-10", "(10 - 10)"),
        ("!a && b", "((!a) && b)"),
        ("- - 1", "(-(-1))"),
        ("!!a.b", "(!(!a.b))"),
        ("-a.b[0]", "(-a.b[0])"),
        ("a ? b : c", "(a ? b : c)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a ? b ? c : d : e", "(a ? (b ? c : d) : e)"),
        ("a == 1 ? b + 1 : c", "((a == 1) ? (b + 1) : c)"),
    ],
)
def test_operators_bind_as_in_terraform(text: str, tree: str) -> None:
    assert tree_text(parsed(text)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a.b.c", "a.b.c"),
        ('a["b"].c', 'a["b"].c'),
        ("a[b.c].d", "a[b.c].d"),
        ("a.0.b", "a.0.b"),
        ("a[*].b.c", "a[*](_.b.c)"),
        ("a[*].b[0]", "a[*](_.b[0])"),
        ("a[*].b[*].c", "a[*](_.b[*](_.c))"),
        ("a.*.b.c", "a.*(_.b.c)"),
        ("a.*.b.0.c", "a.*(_.b.0.c)"),
        ("a.*.b[0]", "a.*(_.b)[0]"),
        ("a.*.b[count.index].c", "a.*(_.b)[count.index].c"),
        ("a[*].b.*.c", "a[*](_.b.*(_.c))"),
        ("a[*]", "a[*](_)"),
        ("a.*", "a.*(_)"),
        ('"x".y', '"x".y'),
        ("5.b", "5.b"),
        ("{a = 1}.a", '{"a" = 1}.a'),
        ("f(a).b", "f(a).b"),
        ("true.a", "true.a"),
        ("a.if.for.null", "a.if.for.null"),
        ("(a\n.b\n[0]\n.c)", "p(a.b[0].c)"),
    ],
)
def test_traversals_and_splats(text: str, tree: str) -> None:
    assert tree_text(parsed(text)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("f()", "f()"),
        ("f(a, b,)", "f(a, b)"),
        ("f(a, b...)", "f(a, b...)"),
        ("f (a)", "f(a)"),
        ("provider::libvirt::f(1)", "provider::libvirt::f(1)"),
        ("core :: f(1)", "core::f(1)"),
        ("f(\n a, # one\n\n b /* two */\n)", "f(a, b)"),
        ("[]", "[]"),
        ("[a, b,]", "[a, b]"),
        ("[\n a,\n b\n]", "[a, b]"),
        ("{}", "{}"),
        ("{ a = 1, b : 2 }", '{"a" = 1, "b" = 2}'),
        ("{\n a = 1\n\n # c\n b = 2,\n}", '{"a" = 1, "b" = 2}'),
        ('{ "a b" = 1, (c) = 2, d.e = 3, "${f}" = 4 }', '{"a b" = 1, p(c) = 2, d.e = 3, w(f) = 4}'),
        ("{ true = 1, null = 2, 3 = 4, if = 5 }", '{"true" = 1, "null" = 2, 3 = 4, "if" = 5}'),
        ("{ a = a ? b : c }", '{"a" = (a ? b : c)}'),
        ("{ a-b = 1 }", '{"a-b" = 1}'),
    ],
)
def test_calls_tuples_and_objects(text: str, tree: str) -> None:
    assert tree_text(parsed(text)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("[for x in y : x]", "[for x in y : x]"),
        ("[for k, v in y : v if k > 1]", "[for k, v in y : v if (k > 1)]"),
        ("{for k, v in y : v => k}", "{for k, v in y : v => k}"),
        ("{for k, v in y : v => k... if v}", "{for k, v in y : v => k... if v}"),
        ("{\n # c\n for x in\n y :\n x => x\n}", "{for x in y : x => x}"),
        ("[for x in {for a in b : a => a} : x]", "[for x in {for a in b : a => a} : x]"),
        ("[for x in y : x if {a = x}.a]", '[for x in y : x if {"a" = x}.a]'),
        ("[for in in in : in]", "[for in in in : in]"),
        ("[formal]", "[formal]"),
        ("[for x in y : x ? 1 : 2]", "[for x in y : (x ? 1 : 2)]"),
    ],
)
def test_for_expressions(text: str, tree: str) -> None:
    assert tree_text(parsed(text)) == tree


@pytest.mark.parametrize("text", ["0", "007", "1.50", "1e3", "1E+3", "1.5e-3", "1.e2", "9" * 200])
def test_numbers_have_the_value_of_the_number_module(text: str) -> None:
    node = parsed(text)
    assert isinstance(node, Literal)
    assert node.value == parse_number(text)


@pytest.mark.parametrize("text", ["true", "false", "null"])
def test_keywords_are_literals(text: str) -> None:
    assert isinstance(parsed(text), Literal)
    assert tree_text(parsed(text)) == text


@pytest.mark.parametrize("text", ["é", "日本", "_a", "a-b", "e\u0301", "ñ.ü", "a1"])
def test_identifiers_may_have_letters_of_any_script(text: str) -> None:
    assert tree_text(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "summary", "at"),
    [
        ("", "Missing expression", ""),
        ("1 +", "Missing expression", ""),
        ("1 2", "Extra characters after expression", "2"),
        ("a..b", "Invalid attribute name", "."),
        ("a.", "Invalid attribute name", ""),
        ("a.0.1", "Invalid legacy index syntax", "0.1"),
        ("a.*.*", "Nested splat expression not allowed", "*"),
        ("a.*.(b)", "Invalid attribute name", "("),
        ("a[*b]", "Missing close bracket on splat index", "b"),
        ("a[0", "Missing close bracket on index", ""),
        ("(a b)", "Unbalanced parentheses", "b"),
        ("1.2.3", "Invalid number literal", "1.2.3"),
        ("1..2", "Invalid number literal", "1..2"),
        (".5", "Invalid expression", "."),
        ("0x10", "Extra characters after expression", "x10"),
        ("a ? b", "Missing false expression in conditional", ""),
        ("a ? b c", "Missing false expression in conditional", "c"),
        ("f(a b)", "Missing argument separator", "b"),
        ("f(a", "Unterminated function call", "("),
        ("f(a..., b)", "Missing closing parenthesis", ","),
        ("f(,)", "Invalid expression", ","),
        ("a::1()", "Missing function name", "1"),
        ("a::b", "Missing open parenthesis", ""),
        ("[a b]", "Missing item separator", "b"),
        ("[a", "Unterminated tuple constructor expression", "["),
        ("[,]", "Invalid expression", ","),
        ("{a = 1 b = 2}", "Missing attribute separator", "b"),
        ("{a = 1", "Unterminated object constructor expression", "{"),
        ("{", "Unterminated object constructor expression", "{"),
        ("[a,", "Unterminated tuple constructor expression", "["),
        ("f(a,", "Unterminated function call", "("),
        ("{a}", "Missing key/value separator", "}"),
        ("{a.1 b = 1}", "Missing key/value separator", "b"),
        ("{a, b}", "Missing attribute value", ","),
        ("{a\n= 1}", "Missing attribute value", "\n"),
        ("{a = 1,, b = 2}", "Invalid expression", ","),
        ("{a =\n1}", "Invalid expression", "\n"),
        ("{for = 1}", "Invalid 'for' expression", "="),
        ("[for x y : x]", "Invalid 'for' expression", "y"),
        ("[for x, in y : x]", "Invalid 'for' expression", "y"),
        ("[for x in y x]", "Invalid 'for' expression", "x"),
        ("[for x in y : x => x]", "Invalid 'for' expression", "x"),
        ("[for x in y : x...]", "Invalid 'for' expression", "..."),
        ("{for x in y : x}", "Invalid 'for' expression", "x"),
        ("[for x in y : x; x]", "Invalid character", ";"),
        ("a & b", "Unsupported operator", "&"),
        ("~a", "Unsupported operator", "~"),
        ("'a'", "Invalid character", "'"),
        ("“a”", "Invalid character", "“"),
        ("$a", "Invalid character", "$"),
        ("a\u00a0b", "Invalid character", "\u00a0"),
        ("a /* b", "Unclosed comment", "/*"),
        ("{a = 1 ~}", "Unsupported operator", "~"),
    ],
)
def test_errors_name_the_problem_and_its_place(text: str, summary: str, at: str) -> None:
    assert place(text) == (summary, at)


def test_every_error_has_a_detail_of_full_sentences() -> None:
    for text in ["1 +", "a..b", "[a b]", "{a}", "f(a b)", "a & b", '"\\x"', '"${a', "%{", "<<X\n"]:
        with pytest.raises(DiagnosticError) as caught:
            parsed(text)
        detail = caught.value.diagnostics[0].detail
        assert len(detail.split()) > 5
        assert detail.endswith((".", ")"))


def test_nodes_know_their_place() -> None:
    text = 'x + f(a.b, "c")[*].d["e"]'
    node = parsed(text)
    assert isinstance(node, Binary)
    splat = node.right
    assert isinstance(splat, Splat)
    call, each = splat.collection, splat.each
    assert isinstance(call, Call)
    assert isinstance(each, Index)
    assert isinstance(each.collection, GetAttribute)
    texts = [
        part.range.text for part in (node, splat, call, splat.item, each, each.key, each.collection, *call.arguments)
    ]
    assert texts == [text, text[4:], 'f(a.b, "c")', "[*]", '[*].d["e"]', '"e"', "[*].d", "a.b", '"c"']
    assert call.name_range.text == "f"


def test_an_expression_can_begin_in_the_middle_of_a_text() -> None:
    node = parse_expression("cpu = a.b", "x.tf", 6)
    assert (tree_text(node), node.start, node.range.first.column) == ("a.b", 6, 7)


def attribute(text: str) -> Attribute:
    body, problems = parse_config(text, "test.tf")
    assert problems == []
    return body.attributes["a"]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a = [\n 1,\n (2\n +\n 3)\n]\n", "[1, p((2 + 3))]"),
        ("a = b[\n 0\n]\n", "b[0]"),
        ("a = f(\n{\n b = 1\n})\n", 'f({"b" = 1})'),
        ('a = "${\n b\n}"\n', "w(b)"),
        ("a = { b = [\n1\n,\n2] }\n", '{"b" = [1, 2]}'),
        ("a = {\n}.b\n", "{}.b"),
        ("a = {\n b = 1 } == c\n", '({"b" = 1} == c)'),
    ],
)
def test_newlines_are_blank_in_brackets_and_in_sequences(text: str, tree: str) -> None:
    assert tree_text(attribute(text).expression) == tree
