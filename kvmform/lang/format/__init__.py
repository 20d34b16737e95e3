"""The canonical form of configuration files, as `fmt` writes it; see :mod:`kvmform.lang.format.canonical`."""
