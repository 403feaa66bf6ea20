"""The workspace itself: imported files, kept bytes, runs and the audit trail."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now


class Workspace(models.Model):
    """What the workspace says of itself; one row."""

    identity = models.UUIDField(default=uuid.uuid4, unique=True)
    title = models.TextField(default="")
    title_en = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    engine_version = models.TextField()


class Revision(models.Model):
    """A token a table, renewed by the database with every change of the table (`store.spatial`)."""

    name = models.TextField(primary_key=True)
    token = models.TextField()

    def __str__(self) -> str:
        return self.name


class SourceFile(models.Model):
    """A file that was imported. Its bytes are known by their fingerprint.

    Attributes
    ----------
    columns
        Sheet or layer to table to field to column: ``{sheet: {table: {field: column}}}``.
    notice
        What the file says of its data (synthetic, provisional), verbatim.
    """

    name = models.TextField()
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    columns = models.JSONField(default=dict)
    notice = models.TextField(blank=True, default="")
    findings = models.JSONField(default=list)
    imported_at = models.DateTimeField()
    imported_by = models.TextField()

    class Meta:
        ordering = ("imported_at", "name")

    def __str__(self) -> str:
        return self.name


class Change(models.Model):
    """That a row of a big layer was written, in order; the database writes it (`store.spatial`).

    Whoever holds the layer in memory reads what changed since, and everything if rows of the log
    that it has not seen are gone.
    """

    name = models.TextField(help_text="table, as in `Revision`")
    row = models.BigIntegerField()


class Blob(models.Model):
    """Bytes known by their fingerprint: attachments, results of runs, shapes before a change."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    media_type = models.TextField()
    content = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.sha256


class Attachment(models.Model):
    """A file that belongs to a record: a photo, a permit. One that is removed stays in the trail.

    Attributes
    ----------
    record
        The record's name, as in ``parcel:123``.
    """

    record = models.TextField(db_index=True)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    name = models.TextField()
    note = models.TextField(blank=True, default="")
    added_at = models.DateTimeField(db_default=Now())
    added_by = models.TextField()
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("added_at", "id")

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """An analysis: what was asked, of which inputs, by which engine, with what result.

    Attributes
    ----------
    status
        ``queued``, ``running``, ``done``, ``failed`` or ``cancelled``.
    message
        What is being done, in the language of who asked.
    worker, heartbeat_at, attempts
        Which worker has it, when that last gave a sign of life, and how often it was begun.
    """

    question = models.TextField()
    params = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, db_index=True)
    engines = models.JSONField(default=dict)
    seed = models.BigIntegerField(null=True, blank=True)
    status = models.TextField(default="running", db_index=True)
    progress = models.FloatField(default=0.0)
    message = models.TextField(blank=True, default="", db_default="")
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True, default="")
    queued_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    by = models.TextField(blank=True, default="")
    language = models.CharField(max_length=7, blank=True, default="", db_default="")
    worker = models.TextField(blank=True, default="", db_default="")
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempts = models.IntegerField(default=0, db_default=0)
    cancel_requested = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ("-id",)


class RunFile(models.Model):
    """A file that a run made, or was given to work on."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="files")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    name = models.TextField()
    given = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("run", "name"), name="run_file_once"),)


class AuditEntry(models.Model):
    """Who changed what, when, from where; with the values before and after.

    Attributes
    ----------
    record
        Name of the record, as in ``parcel:123``; empty for what concerns no single one.
    before, after
        Values of the fields that changed, as plain values; a geometry as ``wkb sha256:…``, the
        name of its `Blob`. None before what was made, None after what was deleted.
    undoes
        The change that this one took back.
    """

    at = models.DateTimeField(db_index=True)
    by = models.TextField()
    origin = models.TextField(blank=True, default="")
    action = models.TextField()
    table = models.TextField(blank=True, default="")
    code = models.TextField(blank=True, default="")
    record = models.TextField(blank=True, default="", db_default="", db_index=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    reason = models.TextField(blank=True, default="", db_default="")
    undoes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )

    class Meta:
        ordering = ("-at", "-id")
