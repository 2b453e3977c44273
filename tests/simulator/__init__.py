"""Tests of the simulator, mirroring its folders."""
