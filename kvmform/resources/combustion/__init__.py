"""`libvirt_combustion`: the script from which Combustion configures a guest (openSUSE MicroOS, SLE Micro)."""

from kvmform.resources.combustion.schema import SCHEMA
from kvmform.resources.seed.resource_type import seed_type
from kvmform.resources.seed.text import TEXT

__all__ = ["COMBUSTION"]

COMBUSTION = seed_type("libvirt_combustion", SCHEMA, TEXT, lambda _check: ())
