"""Which elements of two sequences are the same ones: as much as possible stays, in its order, as Terraform has it.

The longest common subsequence takes the product of both lengths to find. So it is looked for between
those elements that both sequences have exactly once, and only where few are between these.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count

from kvmform.schema import Plain
from kvmform.values.model import Unknown

__all__ = ["Pairs", "pair_by_place", "pair_lines", "pair_set", "pair_up", "value_key"]

Pairs = list[tuple[int | None, int | None]]
"""Index in the first sequence, and in the second; None where there is no partner."""

_FEW = 65_536
"""Up to this product of lengths the longest common subsequence is searched for."""
_NUMBERS = count()
_DEPTH = 16
"""How often what is between such elements is looked at in the same way again."""


def value_key(value: Plain) -> str:
    """A text that is the same for the same values; a value that is not known is like no other."""
    return json.dumps(value, sort_keys=True, default=_other_key)


def _other_key(value: object) -> list[str]:
    return [f"\0{next(_NUMBERS)}", ""] if isinstance(value, Unknown) else [f"\0{value}"]


def pair_by_place(before: Sequence[Plain], after: Sequence[Plain]) -> Pairs:
    """Pair elements that are at the same place."""
    longest = range(max(len(before), len(after)))
    return [(i if i < len(before) else None, i if i < len(after) else None) for i in longest]


def pair_set(before: Sequence[Plain], after: Sequence[Plain]) -> Pairs:
    """Pair elements that are the same, wherever they are; then come those that are only in the second."""
    places: dict[str, list[int]] = {}
    for index in range(len(after) - 1, -1, -1):
        places.setdefault(value_key(after[index]), []).append(index)
    pairs: Pairs = []
    for index, value in enumerate(before):
        same = places.get(value_key(value))
        pairs.append((index, same.pop() if same else None))
    taken = {new for _, new in pairs}
    return pairs + [(None, index) for index in range(len(after)) if index not in taken]


def pair_up(before: Sequence[Plain], after: Sequence[Plain], alike: Callable[[Plain, Plain], bool]) -> Pairs:
    """Pair elements in their order.

    Two lists of one length are compared place by place, unless it is the order that changes.
    `alike`: whether two that differ, and are at one place, can be the same one.
    """
    old, new = [value_key(value) for value in before], [value_key(value) for value in after]
    if len(old) == len(new) and not set(old) <= set(new):
        return [(index, index) for index in range(len(old))]
    return list(_aligned(old, new, lambda i, j: alike(before[i], after[j])))


def pair_lines(before: list[str], after: list[str]) -> Pairs:
    """Pair the lines of two texts; place by place where that leaves as few to change."""
    pairs = list(_aligned(before, after, lambda _old, _new: False))
    if len(before) == len(after):
        others = sum(ours != theirs for ours, theirs in zip(before, after, strict=True))
        if others <= sum(new is None for _, new in pairs):
            return [(index, index) for index in range(len(before))]
    return pairs


def _aligned(
    old: list[str], new: list[str], alike: Callable[[int, int], bool]
) -> Iterator[tuple[int | None, int | None]]:
    at = to = 0
    for i, j in [*_common(old, new), (len(old), len(new))]:
        while at < i:
            if to < j and alike(at, to):
                yield at, to
                to += 1
            else:
                yield at, None
            at += 1
        yield from ((None, index) for index in range(to, j))
        if i < len(old):
            yield i, j
        at, to = i + 1, j + 1


def _common(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Pairs of a long common subsequence; of the longest one, if the sequences are short."""
    found: list[tuple[int, int]] = []
    ranges = [(0, len(old), 0, len(new), _DEPTH)]
    while ranges:
        first, last, start, end, depth = ranges.pop()
        while first < last and start < end and old[first] == new[start]:
            found.append((first, start))
            first, start = first + 1, start + 1
        while first < last and start < end and old[last - 1] == new[end - 1]:
            last, end = last - 1, end - 1
            found.append((last, end))
        if first == last or start == end:
            continue
        if (last - first) * (end - start) <= _FEW:
            found.extend((first + i, start + j) for i, j in _longest(old[first:last], new[start:end]))
            continue
        anchors = _anchors(old, new, (first, last, start, end)) if depth else []
        found.extend(anchors)
        for i, j in [*anchors, (last, end)] if anchors else ():
            ranges.append((first, i, start, j, depth - 1))
            first, start = i + 1, j + 1
    return _as_early([old[index] for index, _ in sorted(found)], old, new)


def _as_early(common: list[str], old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Pairs for each element of a common subsequence: the first places that they can be at in both."""
    pairs, i, j = [], 0, 0
    for value in common:
        i, j = old.index(value, i), new.index(value, j)
        pairs.append((i, j))
        i, j = i + 1, j + 1
    return pairs


def _anchors(old: list[str], new: list[str], within: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    """The longest rising row of elements that both ranges have exactly once."""
    first, last, start, end = within
    ours, theirs = Counter(old[first:last]), Counter(new[start:end])
    places = {new[index]: index for index in range(start, end) if theirs[new[index]] == 1}
    once = (index for index in range(first, last) if ours[old[index]] == 1)
    unique = [(index, places[old[index]]) for index in once if old[index] in places]
    ends: list[int] = []
    rows: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(unique):
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        rows[length : length + 1] = [number]
        before.append(rows[length - 1] if length else -1)
    chain: list[tuple[int, int]] = []
    number = rows[-1] if rows else -1
    while number >= 0:
        chain.append(unique[number])
        number = before[number]
    return chain[::-1]


def _longest(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """A longest common subsequence; of several that are equally long Terraform's.

    Source: LongestCommonSubsequence in internal/plans/objchange of Terraform 1.11.
    """
    lengths = [[0] * (len(old) + 1)]
    for theirs in new:
        above = lengths[-1]
        row = [0]
        for index, ours in enumerate(old):
            row.append(above[index] + 1 if ours == theirs else max(row[-1], above[index + 1]))
        lengths.append(row)
    pairs: list[tuple[int, int]] = []
    i, j = len(old), len(new)
    while i and j:
        if old[i - 1] == new[j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif lengths[j][i - 1] > lengths[j - 1][i]:
            i -= 1
        else:
            j -= 1
    return pairs
