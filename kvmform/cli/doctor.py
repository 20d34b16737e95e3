"""`kvmform doctor`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from kvmform.cli import flags
from kvmform.cli.exit import ERROR, OK
from kvmform.cli.flags import Argument
from kvmform.cli.prompts import at_terminal
from kvmform.cli.session import open_view, reporting, surroundings, wants_color

__all__ = ["doctor"]


def doctor(
    uris: Annotated[Sequence[str], Argument("[URI...]", help="Hosts, by libvirt's URIs.")] = (),
    *,
    json: flags.Json = False,
    no_color: flags.NoColor = False,
    variables: flags.Variables = (),
) -> int:
    """Look at the hosts, and tell what they lack and how to mend it.

    Without URIs, at those of the configuration here, and where there is none, at the default one. Nothing is
    changed. Exit code 1 where something is found that keeps labs from working.
    """
    with reporting(open_view(json=False, no_color=no_color)):
        from kvmform.doctor import Verdict, examine
        from kvmform.workspace import Workspace

        with Workspace(surroundings(variables=variables, ask=at_terminal(), may_be_empty=True)) as workspace:
            examined = [examine(uri, Path.cwd()) for uri in uris or workspace.uris()]
    if json:
        from kvmform.view.doctor_json import examinations_document

        print(examinations_document(examined))
    else:
        from kvmform.view.doctor_text import examination_text

        color = wants_color(no_color=no_color) and sys.stdout.isatty()
        print("\n\n".join(examination_text(each, color=color) for each in examined))
    return ERROR if any(each.verdict is Verdict.ERROR for each in examined) else OK
