"""What is wrong with the arguments of a block beyond their types; told before anything is made."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.schema import Object, Plain, Problem
from kvmform.schema.duration import seconds_of
from kvmform.values.model import Unknown

__all__ = ["check_connection", "check_provisioner"]

_PROXIES = {"http", "socks5"}
_PORTS = ("port", "bastion_port", "proxy_port")


def check_provisioner(kind: str, config: Object) -> Iterator[Problem]:
    """Problems of a provisioner's arguments; what is not known yet is left for later."""
    match kind:
        case "local-exec":
            if config["command"] == "":
                yield _problem("command", "Invalid local-exec provisioner command", "The command must not be empty.")
        case "remote-exec":
            names = ("inline", "script", "scripts")
            if sum(config[name] is not None for name in names) != 1:
                detail = "Exactly one of inline, script and scripts must be set."
                yield _problem(_last_set(config, names), "Invalid remote-exec provisioner configuration", detail)
            yield from _nulls("inline", config["inline"])
            yield from _nulls("scripts", config["scripts"])
        case "file":
            if sum(config[name] is not None for name in ("source", "content")) != 1:
                detail = "Exactly one of source and content must be set."
                name = _last_set(config, ("source", "content"))
                yield _problem(name, "Invalid file provisioner configuration", detail)
            if config["source"] == "":
                detail = "The source must be a path, and it is empty."
                yield _problem("source", "Invalid file provisioner configuration", detail)


def check_connection(config: Object) -> Iterator[Problem]:
    """Problems of a connection's arguments; what is not known yet is left for later.

    An empty text is as good as none: modules pass it for what they were not told.
    """
    if config["type"] == "winrm":
        detail = (
            "kvmform connects by ssh only. Windows has an OpenSSH server: install it in the guest, and say "
            'type = "ssh" and target_platform = "windows".'
        )
        yield _problem("type", "WinRM connections are not supported", detail)
    elif not _is_one_of(config["type"], {"ssh", ""}):
        detail = f'A connection has the type "ssh", and not "{config["type"]}".'
        yield _problem("type", "Unsupported connection type", detail)
    if config["host"] == "":
        detail = "The host must be an address or a name, and it is empty."
        yield _problem("host", "Invalid connection host", detail)
    if config["timeout"] and isinstance(config["timeout"], str) and seconds_of(config["timeout"]) is None:
        detail = f'The timeout is a duration like 30s, 5m or 1h30m, and "{config["timeout"]}" is none.'
        yield _problem("timeout", "Invalid connection timeout", detail)
    if not _is_one_of(config["target_platform"], {"unix", "windows", ""}):
        detail = f'The target_platform is unix or windows, and not "{config["target_platform"]}".'
        yield _problem("target_platform", "Invalid target platform", detail)
    if config["proxy_host"] and not _is_one_of(config["proxy_scheme"], {*_PROXIES, ""}):
        detail = f'kvmform goes through http and socks5 proxies, and not through "{config["proxy_scheme"]}".'
        yield _problem("proxy_scheme", "Unsupported proxy", detail)
    if config["proxy_host"] and config["proxy_port"] is None:
        yield _problem("proxy_host", "Missing proxy port", "With a proxy_host there must be a proxy_port.")
    for name in ("host_key", "bastion_host_key"):
        if config[name] and isinstance(config[name], str) and len(config[name].split()) < 2:
            detail = f"{name} is the text of a public key, as in ssh-ed25519 AAAA…: its type, and the key itself."
            yield _problem(name, "Invalid host key", detail)
    for name in _PORTS:
        port = config[name]
        if isinstance(port, int | float) and port not in range(1, 65536):
            detail = f"A port is a whole number from 1 to 65535, and not {port}."
            yield _problem(name, "Invalid port", detail)


def _is_one_of(value: Plain, known: set[str]) -> bool:
    return isinstance(value, Unknown) or value in known


def _nulls(name: str, items: Plain) -> Iterator[Problem]:
    if isinstance(items, list) and any(item is None for item in items):
        yield _problem(name, "Invalid remote-exec provisioner configuration", f"An element of {name} is null.")


def _last_set(config: Object, names: tuple[str, ...]) -> str:
    """What a message about several arguments points at: the last that is there."""
    return next((name for name in reversed(names) if config[name] is not None), names[0])


def _problem(name: str, summary: str, detail: str) -> Problem:
    return Problem((name,), error(summary, detail))
