"""A directory of configuration files to a module tree, and its blocks to values."""
