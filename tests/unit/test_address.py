"""Addresses as text."""

from __future__ import annotations

import pytest

from kvmform.address import ROOT, InstanceKey, ResourceAddress, parse_instance


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (None, "x_y.z"),
        (3, "x_y.z[3]"),
        ("a", 'x_y.z["a"]'),
        ('q"\\', r'x_y.z["q\"\\"]'),
        ("é\n", r'x_y.z["é\n"]'),
        ("${a}", 'x_y.z["$${a}"]'),
        ("%{a}$", 'x_y.z["%%{a}$"]'),
        ("$${a}", 'x_y.z["$$${a}"]'),
    ],
)
def test_a_key_is_written_as_in_the_language_and_read_back(key: InstanceKey, text: str) -> None:
    address = ResourceAddress(ROOT, "managed", "x_y", "z").instance(key)
    assert str(address) == text
    assert parse_instance(text) == address
