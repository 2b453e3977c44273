"""Reports: what people and spreadsheets read is what the result says."""
