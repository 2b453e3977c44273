"""Whatever README and docs show is executed, and whatever they list is compared."""
