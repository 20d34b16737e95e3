"""The life of a lab by python-terraform, with an object that it imports. What it found is printed as JSON."""

import json
import sys
from pathlib import Path

from python_terraform import IsFlagged, Terraform

directory, binary = sys.argv[1:]
lab = Terraform(working_dir=directory, terraform_bin_path=binary, variables={"name": "client", "memory": 64})
found = {}


def note(name, answer):
    code, said, errors = answer
    found[name] = code
    print(f"{name}: {code}\n{said}{errors}", file=sys.stderr)
    return said


note("init", lab.init())
note("plan", lab.plan())
note("apply without approval", lab.apply())
found["applied"] = "4 added" if "4 added" in note("apply", lab.apply(skip_plan=True)) else ""
note("plan again", lab.plan())
found["outputs"] = lab.output()
found["recorded"] = sorted({each["type"] for each in lab.tfstate.resources})
note("state rm", lab.cmd("state rm", "libvirt_network.lab"))
note("import", lab.import_cmd("libvirt_network.lab", "client", no_color=IsFlagged, input=False))
note("plan of what was imported", lab.plan())
note("workspace new", lab.create_workspace("other"))
found["workspace"] = lab.show_workspace()[1].strip()
note("workspace select", lab.set_workspace("default"))
note("workspace delete", lab.delete_workspace("other"))
(Path(directory) / "odd.tf").write_text("locals {\na = 1\n  long = 2\n}\n")
found["diff"] = "+  a    = 1" in note("fmt", lab.fmt(diff=True))
note("destroy", lab.destroy())
print(json.dumps(found))
