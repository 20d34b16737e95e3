"""Waiting until a guest that was started is ready: `wait_for`, and what is told when it does not come true."""
