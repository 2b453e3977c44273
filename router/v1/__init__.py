"""Generated from proto/router/v1 by `make proto`; never edited by hand."""
