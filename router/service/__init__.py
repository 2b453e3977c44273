"""The gRPC edge: convert, submit, convert back. No rule of routing is made here."""
