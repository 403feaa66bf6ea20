"""The API: records, figures and runs as JSON, and the map as OGC API - Features."""
