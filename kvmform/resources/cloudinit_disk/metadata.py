"""The instance's id in cloud-init's meta-data."""

from __future__ import annotations

__all__ = ["instance_of", "with_instance"]


def instance_of(meta_data: str) -> str | None:
    """The instance's id that the user gives; None where there is none, or where the text is no mapping of YAML."""
    found = _mapping(meta_data)
    given = None if found is None else found.get("instance-id")
    return None if given is None else str(given)


def with_instance(meta_data: str, instance: str) -> str:
    """Meta-data with an instance's id: the user's own, or else this one.

    Without one cloud-init takes `nocloud` for the id of every seed, and so would never carry out
    what was changed in one. Text that is no mapping of YAML is left as it is.
    """
    if not meta_data.strip():
        return f"instance-id: {instance}\n"
    found = _mapping(meta_data)
    if found is None or "instance-id" in found:
        return meta_data
    wanted = {**found, "instance-id": instance}
    extended = f"{meta_data.rstrip()}\ninstance-id: {instance}\n"
    if _mapping(extended) == wanted:
        return extended
    from yaml import safe_dump

    return safe_dump(wanted, allow_unicode=True, sort_keys=False)


def _mapping(text: str) -> dict[str, object] | None:
    from yaml import YAMLError, safe_load

    try:
        found = safe_load(text)
    except YAMLError:
        return None
    return found if isinstance(found, dict) else None
