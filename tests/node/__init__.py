"""The client in another language, run against a real router."""
