"""libvirt's XML as text: render a template, read and patch a document through a table. Pure."""
