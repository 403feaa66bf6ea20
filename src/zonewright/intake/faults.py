"""What the reading of one cell raises; its column turns it into a finding with a place."""

from __future__ import annotations


class CellError(Exception):
    """A cell cannot be read as what its column should hold.

    Parameters
    ----------
    code
        Code of the finding.
    params
        Values that its text names.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(code)
