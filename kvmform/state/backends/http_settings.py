"""What the http backend is told: by the configuration, by init, by the environment."""

from __future__ import annotations

from collections.abc import Mapping

from kvmform.diagnostics import DiagnosticError
from kvmform.struct import Struct, field
from kvmform.web.address import is_web
from kvmform.web.client import Retry, Trust

__all__ = ["HttpSettings"]

_USUAL = {
    "update_method": "POST",
    "lock_method": "LOCK",
    "unlock_method": "UNLOCK",
    "retry_max": "2",
    "retry_wait_min": "1",
    "retry_wait_max": "30",
}
"""What arguments are by default, in Terraform too."""

_CHECKPOINT_SECONDS = 10.0
_INVALID = "Invalid backend configuration"
_PLAIN = (
    "address",
    "update_method",
    "lock_address",
    "lock_method",
    "unlock_address",
    "unlock_method",
    "username",
    "password",
)
_ADDRESSES = ("address", "lock_address", "unlock_address")


class HttpSettings(Struct, kw_only=True):
    """Where the state is, how it is locked, and who we are."""

    address: str
    update_method: str
    lock_address: str
    lock_method: str
    unlock_address: str
    unlock_method: str
    username: str
    password: str
    checkpoint_seconds: float = _CHECKPOINT_SECONDS
    retry: Retry = field(default_factory=Retry)
    trust: Trust = field(default_factory=Trust)

    @classmethod
    def of(cls, given: Mapping[str, str], environment: Mapping[str, str]) -> HttpSettings:
        """What arguments give, else the environment (TF_HTTP_ADDRESS and so on), else Terraform's defaults.

        Raises:
            DiagnosticError: there is no address, or one is none of a web server, or a number is none.
        """

        def found(name: str) -> str:
            return given.get(name) or environment.get(f"TF_HTTP_{name.upper()}") or _USUAL.get(name, "")

        def whole(name: str) -> int:
            if not found(name).isdecimal():
                detail = f'"{name}" must be a whole number; "{found(name)}" is none.'
                raise DiagnosticError.of(_INVALID, detail)
            return int(found(name))

        if not found("address"):
            detail = (
                'The backend "http" needs the address of the state: `address` in its block, '
                "`init -backend-config=address=…`, or TF_HTTP_ADDRESS."
            )
            raise DiagnosticError.of("Missing address of the state", detail)
        for name in _ADDRESSES:
            if found(name) and not is_web(found(name)):
                detail = f'"{name}" must begin with http:// or https://; "{found(name)}" does not.'
                raise DiagnosticError.of(_INVALID, detail)
        trust = Trust(
            authority=found("client_ca_certificate_pem") or None,
            insecure=found("skip_cert_verification") == "true",
            certificate=found("client_certificate_pem") or None,
            key=found("client_private_key_pem") or None,
        )
        interval = environment.get("TF_STATE_PERSIST_INTERVAL", "")
        retry = Retry(whole("retry_max"), whole("retry_wait_min"), whole("retry_wait_max"))
        return cls(
            **{name: found(name) for name in _PLAIN},
            checkpoint_seconds=max(float(interval), 1.0) if interval.isdecimal() else _CHECKPOINT_SECONDS,
            retry=retry,
            trust=trust,
        )
