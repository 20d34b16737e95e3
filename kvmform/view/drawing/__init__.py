"""Differences as lines of text, in Terraform's form."""

from kvmform.view.drawing.bodies import body_lines
from kvmform.view.drawing.page import Page
from kvmform.view.drawing.values import entry_lines, value_lines

__all__ = ["Page", "body_lines", "entry_lines", "value_lines"]
