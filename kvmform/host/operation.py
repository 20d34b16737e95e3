"""What is done to what: the words for messages, and the object whose cached facts are stale after it."""

from __future__ import annotations

from enum import StrEnum

from kvmform.struct import Struct

__all__ = ["Kind", "Operation"]


class Kind(StrEnum):
    """The kinds of objects that a host has, in the field's words."""

    POOL = "storage pool"
    VOLUME = "storage volume"
    NETWORK = "network"
    DOMAIN = "domain"
    SNAPSHOT = "snapshot"
    HOST = "host"


class Operation(Struct):
    """One thing that is done to one object.

    `verb` is an imperative that the kind follows ("start", "attach a disk to"). `id` is what the
    inventory knows the object by: a UUID, or a volume's key; empty if there is none yet.
    `name` is what a user knows it by; empty if only the id is known.
    """

    verb: str
    kind: Kind
    id: str = ""
    name: str = ""

    def __str__(self) -> str:
        shown = self.name or self.id
        return f'{self.verb} {self.kind} "{shown}"' if shown else f"{self.verb} {self.kind}"
