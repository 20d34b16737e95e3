"""Asking web servers."""
