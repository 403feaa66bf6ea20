"""Users' files in, checked tables and findings out; the only place that opens them."""
