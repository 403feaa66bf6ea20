"""Supervision (督办): from facts of a month to the matters that need an order."""
