"""`libvirt_ignition`: the seed from which Ignition configures a guest (Fedora CoreOS, Flatcar)."""

from kvmform.resources.ignition.content import CONTENT, check
from kvmform.resources.ignition.schema import SCHEMA
from kvmform.resources.seed.resource_type import seed_type

__all__ = ["IGNITION"]

IGNITION = seed_type("libvirt_ignition", SCHEMA, CONTENT, check)
