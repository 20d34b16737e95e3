"""Text to tokens: kinds, places, and where a newline counts."""

from __future__ import annotations

import pytest

from kvmform.diagnostics import Source
from kvmform.lang.syntax.lexer import Mode, tokenize
from kvmform.lang.syntax.malformed import UNCLOSED_COMMENT, UNCLOSED_STRING, Malformed
from kvmform.lang.syntax.tokens import INVALID, NEWLINE, Tokens


def tokens(text: str, mode: Mode = Mode.BODY) -> Tokens:
    return tokenize(Source("x", text), mode)


def kinds(text: str, mode: Mode = Mode.BODY) -> str:
    """The kinds of all tokens but the last, which is the end."""
    found = tokens(text, mode).kinds
    assert found[-1] == "end"
    return " ".join(found[:-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \t", ""),
        ("a-b _c é", "identifier identifier identifier"),
        ("a==b=>c...d::e", "identifier == identifier => identifier ... identifier :: identifier"),
        ("a<=b&&c||!d", "identifier <= identifier && identifier || ! identifier"),
        ("1 1.5 1e3 1.2.3 1.", "number number number number number ."),
        ("1...", "number ..."),
        ('"a" "$" "\\n"', "string string string"),
        ("a # b", "identifier"),
        ("a // b\nc", "identifier newline identifier"),
        ("a /* b\n*/ c", "identifier identifier"),
        ("a / b", "identifier / identifier"),
        ("\n\n # a\n\n", "newline"),
        ("\r\n", "newline"),
        ('"a${b}c"', "quote literal ${ identifier end of sequence literal end of template"),
        ('"${a}"', "quote ${ identifier end of sequence end of template"),
        ("<<X\na\nb${c}\nX\n", "heredoc literal literal ${ identifier end of sequence literal end of template newline"),
        ("<<-X\nX\n", "heredoc end of template newline"),
    ],
)
def test_kinds(text: str, expected: str) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "newlines"),
    [
        ("a\nb", 1),
        ("a = {\n}\n", 2),
        ("a = [\n]\n", 1),
        ("a = f(\n)\n", 1),
        ("a = [{\nb = [\n]\n}\n]\n", 3),
        ("a = {\nfor b in c : d => e\n}\n", 1),
        ("a = { # b\nfor c in d : e => f\n}\n", 1),
        ("a = {\nformer = 1\n}\n", 3),
        ("a {\nfor = 1\n}\n", 3),
        ('a "b" {\nfor = 1\n}\n', 3),
        ('a = "${\nb\n}"\n', 1),
        ('a = "${{\n}}"\n', 2),
        ("(\n]\n)\n", 1),
    ],
)
def test_newlines_count_in_bodies_and_objects_only(text: str, newlines: int) -> None:
    assert tokens(text).kinds.count(NEWLINE) == newlines


def test_newlines_do_not_count_in_an_expression_of_its_own() -> None:
    assert kinds("a\n+\nb\n", Mode.EXPRESSION) == "identifier + identifier"


def test_a_template_file_begins_with_text() -> None:
    assert kinds('a "b" ${c}\n', Mode.TEMPLATE) == "literal ${ identifier end of sequence literal"


def test_places_and_values() -> None:
    found = tokens('ab = "c\\t${~ d ~}"')
    texts = ["ab", "=", '"', "c\\t", "${~", "d", "~}", '"', ""]
    assert [found.starts[0], found.ends[0]] == [0, 2]
    assert [found.ends[i] - found.starts[i] for i in range(len(texts))] == [len(text) for text in texts]
    assert found.values == ["ab", "=", '"', "c\t", "~", "d", "~", '"', None]


@pytest.mark.parametrize(
    ("text", "value"),
    [('"a', UNCLOSED_STRING), ('"a${b}\n', UNCLOSED_STRING), ("/* a", UNCLOSED_COMMENT)],
)
def test_what_is_not_closed_is_invalid(text: str, value: Malformed) -> None:
    found = tokens(text)
    assert found.values[found.kinds.index(INVALID)] is value


@pytest.mark.parametrize("character", [";", "'", "`", "&", "|", "^", "~", "@", "\\", "\r", "\x00", "\u00a0", "€", "²"])
def test_other_characters_are_invalid(character: str) -> None:
    assert tokens(f"a {character} b").kinds == ["identifier", INVALID, "identifier", "end"]


def test_what_a_character_is_mistaken_for_is_said() -> None:
    def detail(character: str) -> str:
        malformed: Malformed = tokens(character).values[0]
        return malformed.detail

    assert '"&&"' in detail("&")
    assert "double quotes" in detail("'")
    assert "typographic" in detail("“")
    assert "U+00A0" in detail("\u00a0")


def test_a_heredoc_of_lines_that_end_with_carriage_returns_may_have_empty_ones() -> None:
    found = tokens("a = <<EOT\r\n\r\nb\r\n\r\nEOT\r\n")
    assert INVALID not in found.kinds
    assert [value for kind, value in zip(found.kinds, found.values, strict=True) if kind == "literal"] == [
        "\r\n",
        "b\r\n",
        "\r\n",
    ]
