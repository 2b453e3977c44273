"""Generated from proto/router/context/v1 by `make proto`; never edited by hand."""
