"""Errors, findings, units, periods and table schemas; knows no engine."""
