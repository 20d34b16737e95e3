"""Live facts about a network, of which those that cost calls are found out when a policy first asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kvmform.schema import Plain

__all__ = ["Facts"]


class Facts(Mapping[str, Plain]):
    """What is known, and what can be asked for."""

    def __init__(self, known: Mapping[str, Plain], asked: Mapping[str, Callable[[], Plain]]) -> None:
        self._known = dict(known)
        self._asked = asked

    def __getitem__(self, name: str) -> Plain:
        if name not in self._known:
            self._known[name] = self._asked[name]()
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._known, **self._asked})

    def __len__(self) -> int:
        return len({**self._known, **self._asked})
