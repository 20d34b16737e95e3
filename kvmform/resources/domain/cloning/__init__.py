"""Domains that are made like others, and the disks that are cloned for them."""
