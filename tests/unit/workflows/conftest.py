"""The workspaces of the store's tests, and a small zone to ask questions of."""

from tests.unit.store.conftest import (
    embedded,
    embedded_template,
    shared,
    shared_template,
    workspace,
)

__all__ = ["embedded", "embedded_template", "shared", "shared_template", "workspace"]
