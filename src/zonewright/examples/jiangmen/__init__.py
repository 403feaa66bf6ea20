"""Jiangmen's park-rebuilding programme of 2023 as files: real figures, synthetic records."""

from zonewright.examples.jiangmen.build import build

__all__ = ["build"]
