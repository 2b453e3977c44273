"""Tests of router/journal."""
