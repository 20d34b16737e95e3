"""Configuration of cloud-init in several parts."""
