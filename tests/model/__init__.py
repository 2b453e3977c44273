"""Values that keep themselves sensible: one call, one assert."""
