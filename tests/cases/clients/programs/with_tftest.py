"""The life of a lab by tftest: set up, planned, applied, read, destroyed. What it found is printed as JSON."""

import json
import sys

import tftest

directory, binary = sys.argv[1:]
lab = tftest.TerraformTest(directory, binary=binary)
variables = {"memory": 96, "disks": ["a", "b"]}

said = lab.setup(workspace_name="blue")
plan = lab.plan(output=True, tf_vars=variables)
lab.apply(tf_vars=variables)
state = lab.state_pull()
again = lab.plan(output=True, tf_vars=variables)
found = {
    "initialized": "successfully initialized" in said,
    "planned": sorted(plan.resource_changes),
    "memory": plan.resources["libvirt_domain.guest"]["values"]["memory"],
    "variables": dict(plan.variables),
    "outputs": sorted(plan.outputs),
    "output": lab.output("domain", json_format=False),  # of JSON it expects objects alone
    "all outputs": dict(lab.output()),
    "recorded": sorted(state.resources),
    "refreshed": lab.refresh(tf_vars=variables) is not None,
    "changes afterwards": [
        name for name, each in again.resource_changes.items() if each["change"]["actions"] != ["no-op"]
    ],
    "workspace": lab.workspace("blue"),
    "destroyed": "Destroy complete! Resources: 5 destroyed." in lab.destroy(tf_vars=variables),
}
print(json.dumps(found))
