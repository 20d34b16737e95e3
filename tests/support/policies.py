"""Policies in Rego, evaluated as conftest does: what `deny` and `warn` of the package `main` say of a document.

Run as a program it stands in for conftest, which is no Python package: `… test --policy DIRECTORY -`.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

from regopy import Interpreter

__all__ = ["verdicts"]


def verdicts(policy: Path, document: Any) -> dict[str, list[str]]:
    """What each rule says, sorted.

    Args:
        policy: a directory of `.rego` files.
        document: what they judge.
    """
    interpreter = Interpreter()
    for path in sorted(policy.rglob("*.rego")):
        interpreter.add_module(path.name, path.read_text())
    interpreter.set_input(document)
    found = {}
    for rule in ("deny", "warn"):
        # regopy gives a string that sprintf made back without escaping what is special in JSON.
        answer = str(interpreter.query(f"[base64.encode(text) | some text in data.main.{rule}]"))
        found[rule] = sorted(b64decode(text).decode() for text in json.loads(answer)["expressions"][0])
    return found


def _main(words: list[str]) -> int:
    command, flag, policy, source = words
    assert (command, flag, source) == ("test", "--policy", "-"), words
    said = verdicts(Path(policy), json.load(sys.stdin))
    for rule, word in (("warn", "WARN"), ("deny", "FAIL")):
        for text in said[rule]:
            sys.stdout.write(f"{word} - - main - {text}\n")
    return 1 if said["deny"] else 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
