"""The sub-commands of `santral-simulator`, one a file; `simulator.cli` mounts them."""
