"""Points in time that are kept in the state, and pauses.

Source: https://registry.terraform.io/providers/hashicorp/time, version 0.13.
"""
