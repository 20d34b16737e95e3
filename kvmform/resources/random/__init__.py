"""Random values, made once and kept in the state until what they are made from changes.

Source: https://registry.terraform.io/providers/hashicorp/random, version 3.8.
"""
