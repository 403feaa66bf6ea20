"""Who works with the workspace, where they may do what, and the tokens of their programs."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Now

from zonewright.store.models.zones import Zone


class User(AbstractUser):
    """Somebody who signs in to the desk."""

    language = models.CharField(max_length=7, blank=True, default="")


class Grant(models.Model):
    """A role that somebody holds in a zone and in what lies in it.

    Attributes
    ----------
    role
        A key of `store.access.ROLES`.
    zone
        The zone; None means the whole workspace.
    hierarchy
        The hierarchy that says what lies in the zone (``memberships.hierarchy``); empty means every
        one.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.TextField()
    zone = models.ForeignKey(Zone, models.CASCADE, null=True, blank=True, related_name="+")
    hierarchy = models.TextField(blank=True, default="")
    granted_at = models.DateTimeField(db_default=Now())
    granted_by = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("user", "zone", "role")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "role", "zone", "hierarchy"), name="grant_once"
            ),
            models.UniqueConstraint(
                fields=("user", "role"),
                condition=models.Q(zone__isnull=True),
                name="grant_everywhere_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} · {self.zone or '*'}"


class ApiToken(models.Model):
    """A token by which a program acts for somebody; only its fingerprint is kept.

    Attributes
    ----------
    prefix
        The first characters of the token, by which a person knows it again.
    role, zone, hierarchy
        What the token may do at most, as in `Grant`; an empty role means as much as its holder.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.TextField()
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    role = models.TextField(blank=True, default="")
    zone = models.ForeignKey(Zone, models.CASCADE, null=True, blank=True, related_name="+")
    hierarchy = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name
