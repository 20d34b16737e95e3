"""What a command prints becomes lines, however it comes."""

from __future__ import annotations

import pytest

from kvmform.provision.output import Output


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([b"one\ntwo\n"], ["one", "two"]),
        ([b"o", b"n", b"e\nt", b"wo"], ["one", "two"]),
        ([b"terminal\r\n", b"terminal\r", b"\n"], ["terminal", "terminal"]),
        ([b" 10 %\r 99 %\rdone \n"], [" 10 %", " 99 %", "done"]),
        ([b"\n\n", b"   \n", b"x\n\n"], ["x"]),
        ([b"gr\xc3", b"\xbc\xc3\x9fe\n"], ["gr\u00fc\u00dfe"]),
        ([b"\xff\xfe\n"], ["\ufffd\ufffd"]),
        ([], []),
    ],
)
def test_lines(pieces: list[bytes], expected: list[str]) -> None:
    found: list[str] = []
    output = Output(found.append)
    for piece in pieces:
        output.feed(piece)
    output.feed(b"", is_last=True)
    assert found == expected
    assert output.end == "\n".join(expected)


def test_a_line_is_told_as_soon_as_it_is_whole() -> None:
    found: list[str] = []
    Output(found.append).feed(b"whole\nnot yet")
    assert found == ["whole"]


def test_only_the_end_of_much_is_kept_for_the_message() -> None:
    output = Output(lambda _: None)
    output.feed(b"".join(b"%d\n" % number for number in range(1000)))
    assert output.end.splitlines() == [str(number) for number in range(960, 1000)]
