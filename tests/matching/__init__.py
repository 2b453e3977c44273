"""Tests of router/matching."""
