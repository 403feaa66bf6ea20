"""Addresses of the desk, one module a subject."""
