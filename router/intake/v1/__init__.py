"""Generated from proto/router/intake/v1 by `make proto`; never edited by hand."""
