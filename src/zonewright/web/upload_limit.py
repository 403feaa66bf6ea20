"""The most that a request may upload; more is refused before it fills the disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

from zonewright.workflows.uploads import MAX_BYTES

# Room for what surrounds the files in a form.
MOST = MAX_BYTES + 1024 * 1024
# Who has not signed in fills in forms, and sends no files.
MOST_OF_STRANGERS = 64 * 1024


class UploadLimit(FileUploadHandler):
    """Count what arrives; the handlers after it keep the bytes."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Mapping[str, str],  # noqa: N803  (Django's name)
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        """Refuse a request that says at once that it is too large."""
        user = getattr(self.request, "user", None)
        is_known = user is not None and user.is_authenticated
        self.most = MOST if is_known else MOST_OF_STRANGERS
        if content_length > self.most:
            raise RequestDataTooBig("The files are too large together.")
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Refuse one that turns out to be."""
        self.seen += len(raw_data)
        if self.seen > self.most:
            raise RequestDataTooBig("The files are too large together.")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""
