"""Monthly returns with their versions and the way they took, and what was published of them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from zonewright.store.models.system import Blob, SourceFile
from zonewright.store.models.zones import Zone


class Return(models.Model):
    """What a zone returns for a month in one kind of return.

    Attributes
    ----------
    kind
        A key of ``steering/data/returns.toml``.
    period
        The month, as in ``2023-04``.
    state
        ``draft``, ``submitted`` (by the maker), ``checked`` (by the checker), ``locked`` (by the
        approver: its rows are records), ``sent_back`` (for correction) or ``reopened``.
    version
        The latest version.
    locked
        The version whose rows are records; None before it was locked for the first time.
    """

    kind = models.TextField()
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="returns")
    period = models.CharField(max_length=7)
    state = models.TextField(default="draft", db_default="draft", db_index=True)
    due_on = models.DateField()
    version = models.ForeignKey(
        "ReturnVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    locked = models.ForeignKey(
        "ReturnVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-period", "kind", "zone")
        constraints = (
            models.UniqueConstraint(fields=("kind", "zone", "period"), name="return_once"),
        )
        indexes = (models.Index(fields=("period", "kind"), name="return_when_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} · {self.zone} · {self.period}"


class ReturnVersion(models.Model):
    """One state of a return's rows; handed in, a version is never changed any more.

    Attributes
    ----------
    rows
        As `steering.returns.rows.to_plain` gives them: ``{sheet: {"name": tab, "columns": {field:
        letter}, "rows": [{"row": 7, "key": …, "values": {field: plain}, "given": …}]}}``.
    findings
        As `core.findings.Finding.as_dict` gives them, with both languages; those of the rules at
        submission have ``"by": "rules"``.
    file, name
        The workbook: as it came, or as it was made of what was typed in the browser.
    origin
        ``excel``, ``browser`` or ``command``.
    source
        The workbook among the imported files, once its rows are records.
    """

    of = models.ForeignKey(Return, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    rows = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    file = models.ForeignKey(Blob, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.TextField(blank=True, default="")
    origin = models.TextField(default="excel")
    made_by = models.TextField()
    made_at = models.DateTimeField(db_default=Now())
    source = models.ForeignKey(SourceFile, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("of", "number")
        constraints = (
            models.UniqueConstraint(fields=("of", "number"), name="return_version_once"),
        )


class ReturnStep(models.Model):
    """A step on a return's way: who did what with which version, when, and with what remark.

    Attributes
    ----------
    action
        ``began``, ``saved``, ``submitted``, ``checked``, ``locked``, ``sent_back`` or ``reopened``.
    """

    of = models.ForeignKey(Return, models.CASCADE, related_name="steps")
    version = models.ForeignKey(
        ReturnVersion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    action = models.TextField()
    by = models.TextField()
    at = models.DateTimeField(db_default=Now())
    remark = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("at", "id")


class Publication(models.Model):
    """The figures of a month as they were given out: what a later correction is set against.

    Attributes
    ----------
    period
        The month, as in ``2023-04``.
    as_of
        Time at which the workspace was seen.
    values
        Zone to indicator to what was given out: ``{zone: {indicator: {"value": …, "unit": …}}}``.
    """

    period = models.CharField(max_length=7, db_index=True)
    title = models.TextField(blank=True, default="")
    as_of = models.DateTimeField()
    fingerprint = models.CharField(max_length=64)
    values = models.JSONField(default=dict)
    by = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-at", "-id")
