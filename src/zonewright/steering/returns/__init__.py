"""Monthly returns: their kinds and rules as data, their rows as values."""
