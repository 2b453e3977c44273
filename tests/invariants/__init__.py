"""Tests of what must always be so, whoever does what in whichever order."""
