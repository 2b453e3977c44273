"""The context: what is kept of customers, how it is sealed, and how it is forgotten."""
