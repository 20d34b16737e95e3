"""Whether the guest runs, and how it is started and shut down."""
