"""Data sources: objects that a host has, whoever made them, in the words of their resource types."""
