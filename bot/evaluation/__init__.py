"""Measures how many questions of a set a corpus answers correctly."""
