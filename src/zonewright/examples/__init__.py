"""Example data sets and the generators of their files."""
