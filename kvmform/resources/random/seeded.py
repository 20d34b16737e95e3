"""Go's generator of random numbers, so that a seed gives the very values that Terraform has of it.

An additive lagged Fibonacci generator: x[n] = x[n-607] + x[n-273] mod 2⁶⁴, after a design of
D. P. Mitchell and J. A. Reeds. Source: the packages math/rand and hash/crc64 of Go, and
internal/random/seed.go of terraform-provider-random. Go has a table of the 607 numbers that
the generator holds after 7.8·10¹² steps, which each seed is mixed with; here they are worked
out, since a step is linear: the state after n steps comes from the polynomial xⁿ modulo
x⁶⁰⁷ - x³³⁴ - 1, which takes about 45 multiplications.
"""

from __future__ import annotations

import random
from functools import cache

__all__ = ["Generator"]

_LENGTH = 607
_LAG = 273
_STEPS = 7_800_000_000_000
_WORD = (1 << 64) - 1
_PRIME = (1 << 31) - 1

_DIGIT = 20
"""Bytes that hold one coefficient of a product: 2 · 64 bits, and room for a sum of 607."""


class Generator:
    """Random numbers: the same ones for the same seed, others each time without one."""

    def __init__(self, seed: str | None) -> None:
        """Seed it with a text; none, or an empty one, is no seed."""
        self._own = None if seed else random.SystemRandom()
        self._register = _seeded(_checksum(seed.encode())) if seed else []
        self._at = _LENGTH - _LAG

    def below(self, limit: int) -> int:
        """A number from 0 up to, and without, a limit."""
        if self._own is not None:
            return self._own.randrange(limit)
        bits = 31 if limit <= _PRIME else 63
        largest = (1 << bits) - 1 - (1 << bits) % limit
        if limit & (limit - 1) == 0:
            largest = (1 << bits) - 1
        while (found := self._next() >> (64 - bits - 1) & ((1 << bits) - 1)) > largest:
            pass
        return found % limit

    def permutation(self, count: int) -> list[int]:
        """The numbers from 0 up to, and without, a count, in random order."""
        found: list[int] = []
        for number in range(count):
            place = self.below(number + 1)
            found.append(number)
            found[number], found[place] = found[place], number
        return found

    def _next(self) -> int:
        """64 random bits, of which Go leaves out the highest."""
        self._at = (self._at - 1) % _LENGTH
        found = (self._register[self._at] + self._register[(self._at + _LAG) % _LENGTH]) & _WORD
        self._register[self._at] = found
        return found


def _seeded(seed: int) -> list[int]:
    """The register that a seed begins with: its own sequence, mixed with the one after many steps."""
    signed = seed - (1 << 64) if seed >> 63 else seed
    return [own ^ late for own, late in zip(_sequence(signed % _PRIME or 89482311, 20), _late_register(), strict=True)]


def _sequence(seed: int, shift: int) -> list[int]:
    """Numbers of three steps each of a Lehmer generator, the first 20 steps left out."""

    def step() -> int:
        nonlocal seed
        seed = 48271 * seed % _PRIME
        return seed

    for _ in range(20):
        step()
    return [(step() << 2 * shift ^ step() << shift ^ step()) & _WORD for _ in range(_LENGTH)]


@cache
def _late_register() -> list[int]:
    """The register that begins with seed 1 after all the steps."""
    # A step writes place 333, then 332 and so on: these are the numbers in the order of time.
    first = _sequence(1, 10)
    told = [first[(_LENGTH - _LAG - 1 - index) % _LENGTH] for index in range(_LENGTH)]
    for _ in range(_LENGTH):
        told.append((told[-_LENGTH] + told[-_LAG]) & _WORD)
    jump = _power(_STEPS)
    late = [sum(a * b for a, b in zip(jump, told[at : at + _LENGTH], strict=True)) & _WORD for at in range(_LENGTH)]
    return [late[(_LENGTH - _LAG - 1 - place - _STEPS) % _LENGTH] for place in range(_LENGTH)]


def _power(exponent: int) -> list[int]:
    """The coefficients of xⁿ, from the lowest."""
    found = [1] + [0] * (_LENGTH - 1)
    for bit in f"{exponent:b}":
        found = _reduced(_product(found, found))
        if bit == "1":
            found = _reduced([0, *found])
    return found


def _product(left: list[int], right: list[int]) -> list[int]:
    """The product of two polynomials, by one multiplication of long integers."""
    product = _joined(left) * _joined(right)
    data = product.to_bytes(2 * _LENGTH * _DIGIT, "little")
    return [int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data), _DIGIT)]


def _joined(coefficients: list[int]) -> int:
    return int.from_bytes(b"".join(value.to_bytes(_DIGIT, "little") for value in coefficients), "little")


def _reduced(coefficients: list[int]) -> list[int]:
    """What is left modulo x⁶⁰⁷ - x³³⁴ - 1."""
    found = list(coefficients)
    for degree in range(len(found) - 1, _LENGTH - 1, -1):
        for lower in (degree - _LAG, degree - _LENGTH):
            found[lower] = (found[lower] + found[degree]) & _WORD
    return found[:_LENGTH]


def _checksum(data: bytes) -> int:
    """CRC-64/ISO, as Go has it."""
    found = _WORD
    for byte in data:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0xD800000000000000 if found & 1 else 0)
    return found ^ _WORD
