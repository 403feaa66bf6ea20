"""One module a question: read the store, call engines, keep the result as a run."""
