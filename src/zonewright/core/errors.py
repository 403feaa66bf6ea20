"""The errors of Zonewright, as one tree.

::

    ZonewrightError(code, **params)
      InputError(ValueError)            what was given cannot be used
        SchemaError  CRSError  GeometryError  UnitError  PeriodError  RangeError
        UnknownReferenceError
        FindingsError                   carries every finding, not only the first
      StateError                        a step taken out of order
        EditConflictError               somebody else changed the record in the meantime
      NotAllowedError                   who asks sees it but may not do this
      EngineError(RuntimeError)         an engine could not finish, and why
      StorageError(OSError)             the workspace cannot be used
        MissingWorkspaceError  ForeignFileError  CorruptWorkspaceError
        NewerSchemaError  OlderSchemaError

Every error has a code; its text in English and Chinese stands in ``core/texts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from zonewright.core.texts import text_of

if TYPE_CHECKING:
    from zonewright.core.findings import Finding


class ZonewrightError(Exception):
    """An error with a code and the values that its text names.

    Parameters
    ----------
    code
        Key of the text in ``core/texts``.
    params
        Values that the text names.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(self.text("en"))

    def text(self, lang: str = "en") -> str:
        """Return the message in a language (``en`` or ``zh``)."""
        return text_of(self.code, self.params, lang)


class InputError(ZonewrightError, ValueError):
    """What was given cannot be used."""


class SchemaError(InputError):
    """A table lacks a column, or a column holds the wrong type."""


class CRSError(InputError):
    """A coordinate reference system is missing, unknown or not allowed here."""


class GeometryError(InputError):
    """A geometry is empty, invalid or of the wrong type."""


class UnitError(InputError):
    """A unit is unknown, or two units have different dimensions."""


class PeriodError(InputError):
    """A period cannot be read or does not fit."""


class RangeError(InputError):
    """A number lies outside its allowed range."""


class UnknownReferenceError(InputError):
    """A code names a record that does not exist."""


class FindingsError(InputError):
    """Input was refused; every fault is in `findings`."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        errors = [finding for finding in findings if finding.severity == "error"]
        super().__init__("input-refused", count=len(errors))


class StateError(ZonewrightError):
    """A step was taken out of order."""


class EditConflictError(StateError):
    """Somebody else changed the record since it was read; `theirs` holds its present values."""

    def __init__(self, code: str, *, theirs: Mapping[str, object], **params: object) -> None:
        self.theirs = theirs
        super().__init__(code, **params)


class NotAllowedError(ZonewrightError):
    """Who asks may see it, but may not do this."""


class EngineError(ZonewrightError, RuntimeError):
    """An engine could not finish."""


class StorageError(ZonewrightError, OSError):
    """The workspace cannot be used."""


class MissingWorkspaceError(StorageError):
    """There is no file at the path."""


class ForeignFileError(StorageError):
    """The file is not a Zonewright workspace."""


class CorruptWorkspaceError(StorageError):
    """The workspace file is damaged."""


class NewerSchemaError(StorageError):
    """The workspace was written by a newer Zonewright."""


class OlderSchemaError(StorageError):
    """The workspace was written by an older Zonewright and must be upgraded first."""
