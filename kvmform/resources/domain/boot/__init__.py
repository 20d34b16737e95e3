"""How a guest boots: firmware, order of devices, kernel, and the seeds that it reads at its first boot."""
