"""Configuration that was generated: blocks for objects that are to be imported, and the file that they go to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kvmform.address import InstanceAddress
from kvmform.diagnostics import DiagnosticError
from kvmform.struct import Struct

__all__ = ["Generated", "reject_existing"]

_HEAD = (
    "# __generated__ by kvmform\n# Please review these resources and move them into your main configuration files.\n"
)


class Generated(Struct):
    """Blocks by the address of what they describe."""

    path: Path
    blocks: Mapping[InstanceAddress, str]
    ids: Mapping[InstanceAddress, str]
    """What the objects are imported by."""
    imports: Mapping[InstanceAddress, str]
    """Import blocks, where those are generated too."""

    @property
    def text(self) -> str:
        """The whole file."""
        parts = [_HEAD]
        for address, block in self.blocks.items():
            told = f'# __generated__ by kvmform from "{self.ids[address]}"\n{block}'
            parts += [self.imports[address], told] if address in self.imports else [told]
        return "\n".join(parts)

    @property
    def files(self) -> Mapping[str, str]:
        """The file as a file of the root module, whatever its name and place."""
        name = self.path.name
        return {name if name.endswith((".tf", ".kvm.hcl")) else f"{name}.tf": self.text} if self.blocks else {}

    def write(self) -> None:
        """Write the file, which must not be there yet; without blocks there is none.

        Raises:
            DiagnosticError: it can't be written.
        """
        if not self.blocks:
            return
        try:
            with self.path.open("x", encoding="utf-8") as file:
                file.write(self.text)
        except FileExistsError:
            reject_existing(self.path)
        except OSError as problem:
            detail = f"{self.path} can't be written: {problem.strerror}."
            raise DiagnosticError.of("Failed to generate config", detail) from problem


def reject_existing(path: Path) -> None:
    """Raise if there is such a file.

    Raises:
        DiagnosticError: in Terraform's words.
    """
    if path.exists():
        detail = (
            "kvmform can only write generated config into a new file. Either choose a different target location or "
            "move all existing configuration out of the target file, delete it and try again."
        )
        raise DiagnosticError.of("Target generated file already exists", detail)
