"""`python -m kvmform`."""

from kvmform.cli.app import main

main()
