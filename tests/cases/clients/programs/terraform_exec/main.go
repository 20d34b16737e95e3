// The life of a lab by terraform-exec, which other programs run Terraform with. What it found is printed as JSON.
package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"os"
	"sort"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
)

// must ends the program where a call did not give what it was made for.
func must[T any](value T, err error) T {
	done(err)
	return value
}

func done(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func addresses(resources []*tfjson.StateResource) []string {
	found := []string{}
	for _, each := range resources {
		found = append(found, each.Address)
	}
	sort.Strings(found)
	return found
}

func main() {
	around, found := context.Background(), map[string]any{}
	lab := must(tfexec.NewTerraform(os.Args[1], os.Args[2]))
	memory := tfexec.Var("memory=72")

	version, _, err := lab.Version(around, true)
	done(err)
	found["version"] = version.String()
	done(lab.Init(around, tfexec.Upgrade(false)))
	found["valid"] = must(lab.Validate(around)).Valid
	found["empty"] = must(lab.Show(around)).Values == nil

	found["changes"] = must(lab.Plan(around, tfexec.Out("saved"), memory))
	plan := must(lab.ShowPlanFile(around, "saved"))
	actions := map[string]any{}
	for _, each := range plan.ResourceChanges {
		actions[each.Address] = each.Change.Actions
	}
	found["actions"] = actions
	found["configured"] = len(plan.Config.RootModule.Resources)
	found["text"] = len(must(lab.ShowPlanFileRaw(around, "saved"))) > 0
	done(lab.Apply(around, tfexec.DirOrPlan("saved")))
	found["changes afterwards"] = must(lab.Plan(around, memory))
	done(lab.ApplyJSON(around, io.Discard, memory))

	found["recorded"] = addresses(must(lab.Show(around)).Values.RootModule.Resources)
	found["disks"] = must(lab.Output(around))["disks"].Value
	found["pulled"] = json.Valid([]byte(must(lab.StatePull(around))))
	done(lab.Refresh(around, memory))
	done(lab.Taint(around, "libvirt_network.lab"))
	done(lab.Untaint(around, "libvirt_network.lab"))
	done(lab.StateMv(around, "libvirt_network.lab", "libvirt_network.moved"))
	done(lab.StateRm(around, "libvirt_network.moved"))
	done(lab.Import(around, "libvirt_network.lab", "client", memory))
	found["changes after the import"] = must(lab.Plan(around, memory))

	_, found["known types"] = must(lab.ProvidersSchema(around)).Schemas["registry.terraform.io/dmacvicar/libvirt"]
	found["known functions"] = len(must(lab.MetadataFunctions(around)).Signatures) > 100
	found["graph"] = must(lab.Graph(around)) != ""
	done(lab.WorkspaceNew(around, "other"))
	done(lab.WorkspaceSelect(around, "default"))
	done(lab.WorkspaceDelete(around, "other"))
	_, found["workspace"], err = lab.WorkspaceList(around)
	done(err)
	found["unlocked"] = lab.ForceUnlock(around, "9d8a2e2c-0000-0000-0000-000000000000") == nil
	found["wrong variable"] = lab.Apply(around, tfexec.Var("nothing=1")).Error()
	done(lab.Destroy(around, memory))
	done(json.NewEncoder(os.Stdout).Encode(found))
}
