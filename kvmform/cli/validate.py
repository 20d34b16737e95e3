"""`kvmform validate`."""

from __future__ import annotations

from typing import Annotated

from kvmform.cli import flags
from kvmform.cli.exit import ERROR, OK
from kvmform.cli.flags import Flag
from kvmform.cli.session import open_view, surroundings
from kvmform.diagnostics import Diagnostic, DiagnosticError, Severity

__all__ = ["validate"]


def validate(
    *,
    json: flags.Json = False,
    no_color: flags.NoColor = False,
    variables: flags.Variables = (),
    no_tests: Annotated[bool, Flag("-no-tests", hidden=True)] = False,
    test_directory: Annotated[str, Flag("-test-directory", hidden=True)] = "tests",
) -> int:
    """Check the configuration without looking at any host or state.

    Values of variables make no difference: it is checked whether the configuration is right for any.
    """
    del variables, no_tests, test_directory
    from kvmform.workspace import Workspace

    found: list[Diagnostic] = []
    with Workspace(surroundings(may_be_empty=True)) as workspace:
        try:
            workspace.validate()
        except DiagnosticError as problem:
            found.extend(problem.diagnostics)
        found = [*workspace.warnings, *found]
    is_valid = not any(each.severity is Severity.ERROR for each in found)
    if json:
        import json as format_

        from kvmform.view.diagnostics_json import validation_document

        print(format_.dumps(validation_document(found), indent=2))
    else:
        view = open_view(json=False, no_color=no_color)
        view.diagnostics(found)
        if is_valid:
            warned = ", but there were some validation warnings as shown above" if found else ""
            print(f"Success! The configuration is valid{warned}.")
        view.close()
    return OK if is_valid else ERROR
