"""The workspace: models, migrations, selectors (reads) and actions (writes)."""
