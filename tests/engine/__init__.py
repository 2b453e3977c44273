"""The machine held against its rules, one rule a test; over time it is told in stories."""
