"""Who logs in where, and with what: the arguments of a connection block with their defaults."""

from __future__ import annotations

import os
from pathlib import Path

from kvmform.schema import Object
from kvmform.schema.duration import seconds_of
from kvmform.struct import Struct, field

__all__ = ["Connection", "Login", "Proxy"]

_SCRIPT_PATHS = {"unix": "/tmp/terraform_%RAND%.sh", "windows": "C:/windows/temp/terraform_%RAND%.cmd"}  # noqa: S108 - on the host


class Login(Struct, kw_only=True):
    """One server, and what to show it. Empty text: not given."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    private_key: str = field(repr=False)
    certificate: str
    host_key: str
    agent: bool
    agent_identity: str
    base_directory: Path

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def description(self) -> str:
        """What is shown of it; no secret is in it."""
        facts = {
            "Host": self.host,
            "User": self.user,
            "Password": self.password,
            "Private key": self.private_key,
            "Certificate": self.certificate,
            "SSH Agent": self.agent,
            "Checking Host Key": self.host_key,
        }
        shown = {name: value if name in {"Host", "User"} else str(bool(value)).lower() for name, value in facts.items()}
        return "\n".join(f"  {name}: {value}" for name, value in shown.items())


class Proxy(Struct, kw_only=True):
    """A proxy on the way to the first server."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)


class Connection(Struct, kw_only=True):
    """How to reach a host: directly, or through a bastion; `timeout` in seconds."""

    target: Login
    bastion: Login | None
    proxy: Proxy | None
    timeout: float
    script_path: str
    is_windows: bool

    @classmethod
    def of(cls, config: Object, base_directory: Path) -> Connection:
        """The connection that a block describes, every argument of it known and checked."""
        target = _login(config, "", base_directory)
        bastion = _login(config, "bastion_", base_directory) if config["bastion_host"] else None
        proxy = None
        if config["proxy_host"]:
            proxy = Proxy(
                scheme=config["proxy_scheme"] or "http",
                host=_bare(config["proxy_host"]),
                port=int(config["proxy_port"]),
                user=config["proxy_user_name"] or "",
                password=config["proxy_user_password"] or "",
            )
        platform = config["target_platform"] or "unix"
        return cls(
            target=target,
            bastion=bastion,
            proxy=proxy,
            timeout=seconds_of(config["timeout"] or "5m") or 0.0,
            script_path=config["script_path"] or _SCRIPT_PATHS[platform],
            is_windows=platform == "windows",
        )


def _login(config: Object, prefix: str, base_directory: Path) -> Login:
    def given(name: str) -> str:
        """What is said of this server; of a bastion, by default what is said of the host."""
        return config[f"{prefix}{name}"] or config[name] or ""

    wants_agent = "SSH_AUTH_SOCK" in os.environ if config["agent"] is None else config["agent"]
    return Login(
        host=_bare(config[f"{prefix}host"]),
        port=int(config[f"{prefix}port"] or config["port"]),
        user=given("user") or "root",
        password=given("password"),
        private_key=given("private_key"),
        certificate=given("certificate"),
        host_key=config[f"{prefix}host_key"] or "",
        agent=wants_agent,
        agent_identity=config["agent_identity"] or "",
        base_directory=base_directory,
    )


def _bare(host: str) -> str:
    """An address without the brackets of IPv6."""
    return host.removeprefix("[").removesuffix("]")
