"""Provisioners: what `local-exec`, `remote-exec` and `file` take, and running them.

Source: https://developer.hashicorp.com/terraform/language/resources/provisioners/syntax.
"""
