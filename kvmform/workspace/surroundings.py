"""What every run is told: where it works."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kvmform.config.inputs import Ask, VariableArgument
from kvmform.struct import Struct, field

__all__ = ["Surroundings"]


class Surroundings(Struct, kw_only=True):
    """Where a run works.

    `directory` is the root module's. `state_path` and `data_directory` default to
    `terraform.tfstate` and `.terraform` in it; relative ones start at `directory`. New versions
    of the state go to `state_output`, and what they replace to `state_backup` (`-`: nowhere). `ask`
    asks for variables without a value; None: nobody is there to answer. `tell` says what is waited for.
    `lock_timeout` is in seconds. `may_be_empty`: a directory without configuration will do;
    `may_be_unfinished`: and blocks that lack arguments.
    """

    directory: Path
    data_directory: Path | None = None
    state_path: Path | None = None
    state_output: Path | None = None
    state_backup: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    variables: Sequence[VariableArgument] = ()
    ask: Ask | None = None
    tell: Callable[[str], None] = lambda _text: None
    lock: bool = True
    lock_timeout: float = 0.0
    may_be_empty: bool = False
    may_be_unfinished: bool = False
