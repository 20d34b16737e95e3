"""Domains in state that a command does something to, by their addresses or names: several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kvmform.address import parse_target
from kvmform.diagnostics import DiagnosticError, Diagnostics
from kvmform.plan.target import is_target
from kvmform.state.model import InstanceState
from kvmform.struct import Struct

if TYPE_CHECKING:
    from kvmform.host.host import Host
    from kvmform.host.records import DomainRecord

__all__ = ["Subject", "at_once", "chosen", "standing_still", "subject_of"]

_AT_ONCE = 8


class Subject(Struct):
    """A domain in state, and its host."""

    address: str
    host: Host
    record: DomainRecord


def chosen(instances: Sequence[InstanceState], words: Sequence[str]) -> list[InstanceState]:
    """The instances that addresses or domains' names mean; all without any.

    Raises:
        DiagnosticError: a word means none.
    """
    unknown = [word for word in words if not any(_is_meant(word, each) for each in instances)]
    if unknown or not instances:
        named = f" that {' or '.join(unknown)} means" if unknown else ""
        raise DiagnosticError.of(
            "No such domain", f"There is no domain in state{named}. kvmform state list shows what is."
        )
    return [each for each in instances if not words or any(_is_meant(word, each) for word in words)]


def _is_meant(word: str, instance: InstanceState) -> bool:
    if "." not in word:
        return bool(instance.attributes.get("name") == word)
    return is_target([parse_target(word)], instance.address)


def subject_of(instance: InstanceState, host: Host) -> Subject:
    """The domain of an instance, as it is now.

    Raises:
        DiagnosticError: it is gone.
    """
    record = host.inventory.domains.get(str(instance.attributes.get("id")))
    if record is None:
        detail = f"{instance.address} is in state, and its host has no such domain. kvmform plan says what to do."
        raise DiagnosticError.of("The domain is gone", detail)
    return Subject(str(instance.address), host, record)


def at_once(subjects: Sequence[Subject], act: Callable[[Subject], None]) -> None:
    """Do something to each of several domains, in parallel; all are done before it is told what failed.

    Raises:
        DiagnosticError: with everything that failed.
    """
    from concurrent.futures import ThreadPoolExecutor

    problems = Diagnostics()
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        for each, doing in [(each, workers.submit(act, each)) for each in subjects]:
            try:
                doing.result()
            except DiagnosticError as problem:
                for diagnostic in problem.diagnostics:
                    problems.add(diagnostic.about(each.address))
    problems.raise_errors()


@contextmanager
def standing_still(subjects: Sequence[Subject]) -> Iterator[None]:
    """Pause guests that run, all before anything is done, and let them go on afterwards, whatever comes of it.

    Raises:
        HostError: one can't be paused, or go on.
    """
    from kvmform.host.power import resume_domain, suspend_domain

    try:
        at_once(subjects, lambda each: suspend_domain(each.host, each.record.uuid))
        yield
    finally:
        at_once(subjects, lambda each: resume_domain(each.host, each.record.uuid))
