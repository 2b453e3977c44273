"""The measures: figures computed by hand against the fold."""
