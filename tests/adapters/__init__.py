"""What goes out to the business's own systems, against a real HTTP server."""
