"""XML as libvirt writes it: render, read and patch; pure, and the only door to jinja2 and lxml."""
