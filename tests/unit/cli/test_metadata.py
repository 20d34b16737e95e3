"""What kvmform tells programs of itself: `providers schema` and `metadata functions`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def run(directory, *words):
    return subprocess.run(
        [sys.executable, "-m", "kvmform", *words], cwd=directory, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("command", "member", "name"),
    [
        (("providers", "schema"), "provider_schemas", "registry.terraform.io/dmacvicar/libvirt"),
        (("metadata", "functions"), "function_signatures", "core::cidrhost"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_the_document_is_written_in_any_directory_but_only_as_json(tmp_path, command, member, name):
    told = run(tmp_path, *command, "-json")
    assert told.returncode == 0, told.stderr
    document = json.loads(told.stdout)
    assert document["format_version"] == "1.0"
    assert name in document[member]
    refused = run(tmp_path, *command)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "-json is needed" in refused.stderr
