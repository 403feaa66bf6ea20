"""Zonewright 园匠: plan, build and steer industrial zones."""

__version__ = "0.1.0"
