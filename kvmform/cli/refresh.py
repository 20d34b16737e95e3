"""`kvmform refresh`: Terraform's old name for `apply -refresh-only -auto-approve`."""

from __future__ import annotations

from kvmform.cli import flags
from kvmform.cli.apply import apply

__all__ = ["refresh"]


def refresh(
    *,
    variables: flags.Variables = (),
    target: flags.Targets = (),
    exclude: flags.Excluded = (),
    state: flags.StatePath = None,
    state_out: flags.StateOut = None,
    backup: flags.Backup = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    input_: flags.Input = True,
    parallelism: flags.Parallelism = 10,
    json: flags.Json = False,
    no_color: flags.NoColor = False,
    compact_warnings: flags.CompactWarnings = False,
) -> int:
    """Note in state what is real; the same as apply -refresh-only -auto-approve."""
    return apply(
        None,
        variables=variables,
        target=target,
        exclude=exclude,
        refresh_only=True,
        auto_approve=True,
        state=state,
        state_out=state_out,
        backup=backup,
        lock=lock,
        lock_timeout=lock_timeout,
        input_=input_,
        parallelism=parallelism,
        json=json,
        no_color=no_color,
        compact_warnings=compact_warnings,
    )
