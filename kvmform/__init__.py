"""kvmform: plan and apply KVM/libvirt labs written in Terraform's language."""

__all__ = ["__version__"]

__version__ = "0.1.0"
