"""Codecs: the text in libvirt's XML and the value that users see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvmform.diagnostics import DiagnosticError
from kvmform.xml.codecs import BYTES, INTEGER, KIB, MIB, OCTAL, ON_OFF, PRESENCE, TEXT, YES_NO, Words


@pytest.mark.parametrize(
    ("codec", "value", "text"),
    [
        (TEXT, " a & b ", " a & b "),
        (INTEGER, -7, "-7"),
        (OCTAL, "0644", "0644"),
        (YES_NO, True, "yes"),
        (YES_NO, False, "no"),
        (ON_OFF, True, "on"),
        (ON_OFF, False, "off"),
        (Words("true", "false"), False, "false"),
        (MIB, 512, "524288 KiB"),
        (KIB, 5, "5 KiB"),
        (BYTES, 5, "5 bytes"),
    ],
)
def test_a_value_and_its_text_are_inverses(codec, value, text):
    assert codec.encode(value) == text
    decoded = codec.decode(text)
    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize(
    ("text", "mebibytes"),
    [("524288", 512), ("512 MiB", 512), ("1 GiB", 1024), ("1073741824 b", 1024), ("1 TiB", 2**20), ("1000 MB", 953)],
)
def test_sizes_are_read_in_any_unit_of_libvirt(text, mebibytes):
    assert MIB.decode(text) == mebibytes


def test_file_modes_keep_one_spelling():
    assert OCTAL.encode("644") == OCTAL.encode("0644") == "0644"
    assert OCTAL.decode("644") == "0644"


def test_presence_is_true_whatever_the_element_holds():
    assert PRESENCE.decode("") is True
    assert PRESENCE.absent is False


@pytest.mark.parametrize(
    ("codec", "text"),
    [(INTEGER, "four"), (OCTAL, "9"), (YES_NO, "on"), (ON_OFF, ""), (MIB, "1 parsec"), (MIB, "much KiB")],
)
def test_text_that_is_no_such_value_is_a_diagnostic(codec, text):
    with pytest.raises(DiagnosticError) as caught:
        codec.decode(text)
    assert f'"{text}"' in caught.value.diagnostics[0].detail


@given(st.integers(min_value=0, max_value=2**50))
def test_every_size_survives_the_round_trip(size):
    assert MIB.decode(MIB.encode(size)) == size
    assert BYTES.decode(BYTES.encode(size)) == size
