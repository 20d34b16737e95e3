"""Programs that tell something."""
