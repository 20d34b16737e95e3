"""A policy of checkov's: guests of a lab are small."""

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class GuestMemory(BaseResourceCheck):
    """`memory` is at most 80 MiB."""

    def __init__(self):
        super().__init__(
            name="Guests of a lab have at most 80 MiB",
            id="CKV_LAB_1",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["libvirt_domain"],
        )

    def scan_resource_conf(self, conf):
        return CheckResult.PASSED if conf["memory"][0] <= 80 else CheckResult.FAILED


check = GuestMemory()
