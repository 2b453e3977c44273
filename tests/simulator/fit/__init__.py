"""Fitting: what went into a log comes out of it, and bad logs are told why."""
