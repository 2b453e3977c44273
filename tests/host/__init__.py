"""The host alone, on a journal in memory and a clock that is moved by hand."""
