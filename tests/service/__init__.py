"""The gRPC edge over real channels on loopback: codes, streams, limits, bad input."""
