"""The workspace itself: users, imported files, runs and the audit trail."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody who signs in to the desk."""

    language = models.CharField(max_length=7, blank=True, default="")


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


class Run(models.Model):
    """A kept analysis: what was asked, of which inputs, by which engine, with what result."""

    question = models.TextField()
    params = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, db_index=True)
    engines = models.JSONField(default=dict)
    seed = models.BigIntegerField(null=True, blank=True)
    status = models.TextField(default="running")
    progress = models.FloatField(default=0.0)
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    by = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("-started_at",)


class AuditEntry(models.Model):
    """Who changed what, when, from where; with the values before and after."""

    at = models.DateTimeField(db_index=True)
    by = models.TextField()
    origin = models.TextField(blank=True, default="")
    action = models.TextField()
    table = models.TextField(blank=True, default="")
    code = models.TextField(blank=True, default="")
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ("-at",)
