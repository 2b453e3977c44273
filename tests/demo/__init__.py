"""The demonstration, against a small router that lives in the test."""
