"""The disks of a domain: blocks of the configuration, elements of the XML, and drives of a running guest."""
