# What one types here. Each target says what it does; the work is in scripts/.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup packages venv clients guest demo demo-destroy test check oracle fuzz unit bench bench-changes clean

# How many test processes: each has a libvirt host of its own, and a guest that boots wants a processor.
WORKERS ?= 2

help:            ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

setup: packages venv guest ## install what is missing: system packages, .venv with kvmform, the guest image

packages:
	@scripts/packages

venv:
	@scripts/venv

clients:
	@scripts/clients programs checkov terraform-exec > /dev/null

guest:
	@[ -n "$(KVMFORM_GUEST_IMAGE)" ] || scripts/guest/build > /dev/null

demo: setup      ## bring up the lab of examples/quickstart with real guests; once more: nothing changes
	@scripts/demo up

demo-destroy:    ## take the demo's lab away, and all that it started
	@scripts/demo down

test: setup clients check ## run everything: checks, then all tests, on a private libvirt host with real guests
	.venv/bin/pytest -n $(WORKERS) --dist loadfile

check: venv      ## lint, format, types, import contracts; seconds
	.venv/bin/ruff check . scripts/probe_accelerator scripts/generate_reference scripts/oracle scripts/fuzz scripts/replay_clients
	.venv/bin/ruff format --check . scripts/probe_accelerator scripts/generate_reference scripts/oracle scripts/fuzz scripts/replay_clients
	.venv/bin/mypy
	.venv/bin/mypy --strict tests/support/*.py tests/conftest.py bench/*.py scripts/probe_accelerator
	.venv/bin/lint-imports

oracle: venv     ## what Terraform answered, case by case: how much kvmform answers alike; ORACLE=DIR: more cases
	@.venv/bin/python scripts/oracle tests/oracle $(ORACLE)

fuzz: venv       ## read files with mistakes in them for a time: no traceback, no hang; SECONDS=60 SEED=…
	@.venv/bin/python scripts/fuzz $(or $(SECONDS),60) $(SEED)

unit: venv       ## only the tests that need no libvirt daemon; seconds
	.venv/bin/pytest -q -m "not libvirt" tests/unit

bench: venv      ## measure kvmform, and Terraform where it is installed, in one run; minutes
	@.venv/bin/python bench/speed.py $(BENCH)

bench-changes: guest  ## measure live changes of a running guest beside the bare libvirt calls, in one run
	@.venv/bin/python bench/changes.py $(BENCH)

clean:           ## remove what setup, tests and tools made here
	@[ ! -d .demo ] || { echo "There is a demo: type 'make demo-destroy' first."; exit 1; }
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
