"""What the guest is made of: machine, processor and memory."""
