"""Provisioners: what `local-exec`, `remote-exec` and `file` take, and running them.

Source: https://developer.hashicorp.com/terraform/language/resources/provisioners/syntax.
"""

from kvmform.provision.check import check_connection, check_provisioner
from kvmform.provision.run import Call, run
from kvmform.provision.schemas import CONNECTION, PROVISIONERS

__all__ = ["CONNECTION", "PROVISIONERS", "Call", "check_connection", "check_provisioner", "run"]
