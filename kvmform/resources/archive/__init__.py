"""Archives of files on the machine where kvmform runs."""
