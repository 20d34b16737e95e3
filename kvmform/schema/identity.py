"""Identity decided before creation: a retry meets its own object.

UUIDs and MAC addresses are derived from the state's lineage, the resource address and a
generation that grows with each replacement, so they are known when the plan is made.
"""

from __future__ import annotations

from kvmform.struct import Struct

__all__ = ["Identity"]

_NAMESPACE = "6f9c1f0e-6a55-5f0a-9d6a-6b766d666f72"


class Identity(Struct):
    """Who an object is: which state it belongs to, its address there, and which replacement it is."""

    lineage: str
    address: str
    generation: int = 0

    @property
    def uuid(self) -> str:
        """UUIDv5 of the identity (RFC 4122)."""
        from uuid import UUID, uuid5

        return str(uuid5(UUID(_NAMESPACE), f"{self.lineage}/{self.address}/{self.generation}"))

    def mac(self, name: str) -> str:
        """A MAC address in QEMU's range (52:54:00) for the interface with this name.

        The generation is left out: a guest that is made again keeps its addresses.
        """
        digest = self._digest("mac", name)
        return ":".join(["52", "54", "00", *(f"{byte:02x}" for byte in digest[:3])])

    def wwn(self, name: str) -> str:
        """A World Wide Name, as QEMU takes it: 16 hexadecimal digits that begin with 05abcd."""
        return f"05abcd{self._digest('wwn', name).hex()[:10]}"

    def _digest(self, kind: str, name: str) -> bytes:
        from hashlib import sha256

        return sha256(f"{self.lineage}/{self.address}/{kind}/{name}".encode()).digest()
