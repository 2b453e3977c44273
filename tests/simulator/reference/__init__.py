"""What is known exactly, and whether the simulator finds it."""
