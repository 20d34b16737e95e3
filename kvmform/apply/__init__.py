"""Walks the steps of a plan, writes the journal, emits events. Decides nothing."""
