"""Telemetry: metrics as a scraper sees them, the endpoint, the log."""
