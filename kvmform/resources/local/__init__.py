"""Files on the machine where kvmform runs."""
