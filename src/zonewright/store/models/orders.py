"""Supervision orders (督办): from a shortfall to a reply, its evidence, and the order's end."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from zonewright.store.models.steering import Indicator
from zonewright.store.models.zones import Zone


class Order(models.Model):
    """An order to make something good by a day.

    Attributes
    ----------
    code
        As in ``DB-2023-0007``.
    rule
        A key of ``steering/data/orders.toml``, or empty for an order given by hand.
    matter
        What it is about, once: rule, zone, indicator and subject; only one order on it is open.
    period
        Month in which it was found, as in ``2023-04``.
    subject
        Record that it is about, as in ``work:12``; empty if it is about a whole figure.
    cause
        Code and parameters of the sentence that tells why, and the records behind it.
    title
        What is asked, of an order given by hand.
    state
        ``open``, ``replied``, ``closed`` or ``withdrawn``.
    level
        How often it was escalated.
    """

    code = models.TextField(unique=True)
    rule = models.TextField(blank=True, default="")
    matter = models.TextField(db_index=True)
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="orders")
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="+"
    )
    period = models.CharField(max_length=7)
    subject = models.TextField(blank=True, default="")
    cause = models.JSONField(default=dict)
    title = models.TextField(blank=True, default="")
    owner = models.TextField(blank=True, default="")
    due_on = models.DateField()
    state = models.TextField(default="open", db_default="open", db_index=True)
    level = models.IntegerField(default=0, db_default=0)
    raised_on = models.DateField()
    raised_by = models.TextField()
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("-raised_on", "code")
        constraints = (
            models.UniqueConstraint(
                fields=("matter",),
                condition=models.Q(state__in=("open", "replied")),
                name="order_open_once",
            ),
        )

    def __str__(self) -> str:
        return self.code


class OrderStep(models.Model):
    """A step of an order. Its evidence are attachments of the record ``order_step:ID``.

    Attributes
    ----------
    action
        ``raised``, ``replied``, ``accepted`` (which closes it), ``refused`` (which opens it again),
        ``extended``, ``escalated``, ``withdrawn``.
    due_on
        The deadline from then on, where the step changed it.
    """

    of = models.ForeignKey(Order, models.CASCADE, related_name="steps")
    action = models.TextField()
    by = models.TextField()
    at = models.DateTimeField(db_default=Now())
    text = models.TextField(blank=True, default="")
    due_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("at", "id")
