"""Users' files in, checked tables and findings out; the only place that opens them."""

from zonewright.intake.reading import read_file, read_files

__all__ = ["read_file", "read_files"]
