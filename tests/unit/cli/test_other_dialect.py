"""A lab in the dialect of provider 0.9 is told once for each block, and not once for each argument."""

import pytest
from command_line import CommandLine


@pytest.mark.parametrize(
    ("kind", "arguments", "told"),
    [
        (
            "domain",
            'os = { type = "hvm" }\n devices = { disks = [] }\n memory_unit = "MiB"',
            "os, devices, memory_unit",
        ),
        ("network", 'ips = [{ address = "10.0.0.1" }]', "ips"),
        ("volume", 'pool = "default"\n capacity = 5\n create = { content = {} }', "capacity, create"),
        ("pool", 'type = "dir"\n create = { build = true }', "create"),
    ],
)
def test_each_type_is_known_by_what_only_the_other_has(tmp_path, kind, arguments, told):
    lab = CommandLine(tmp_path).write(f'resource "libvirt_{kind}" "x" {{\n name = "x"\n {arguments}\n}}\n')
    said = lab.run("validate", code=1)
    assert said.count("Error: ") == 1
    assert "Error: Written for provider 0.9" in said
    assert f"({told})" in " ".join(said.replace("│", "").split())
