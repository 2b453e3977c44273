"""The public contract: what the descriptors must say, whatever the service does."""
