"""Indicators, targets, pace and roll-up."""
