"""Generated from proto/router/journal/v1 by `make proto`; never edited by hand."""
