"""Intake: rules, expressions, languages, identities, channels, and reaching out."""
