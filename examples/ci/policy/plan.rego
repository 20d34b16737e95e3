# What no plan of this lab may do. conftest and OPA read it:
#
#     kvmform show -json lab.plan | conftest test --policy policy -
package main

import rego.v1

# MiB that the guests may have altogether.
memory_limit := 4096

deny contains msg if {
	some change in input.resource_changes
	change.change.disruption == "data-loss"
	msg := sprintf("%s: what was written there would be lost", [change.address])
}

deny contains msg if {
	some change in input.resource_changes
	change.type == "libvirt_domain"
	"delete" in change.change.actions
	startswith(change.change.before.name, "db")
	msg := sprintf("%s: databases are moved by hand", [change.address])
}

deny contains msg if {
	guests := [guest.values | some guest in input.planned_values.root_module.resources; guest.type == "libvirt_domain"]
	wanted := sum([guest.memory | some guest in guests])
	wanted > memory_limit
	msg := sprintf("the guests want %d MiB of memory, and there are %d for them", [wanted, memory_limit])
}

# Each edit tells what it does, and why: a reviewer should see a reboot before it happens.
warn contains msg if {
	some change in input.resource_changes
	some edit in change.change.edits
	edit.disruption in {"interrupt", "reboot"}
	msg := sprintf("%s: %s (%s)", [change.address, edit.disruption, edit.path[0]])
}
