"""Shapes of what the API takes and gives that are the same for every table."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field


class ProblemFinding(Schema):
    """A fault: of which field, where in a file, and in words."""

    code: str
    severity: str
    field: str
    place: str
    text: str


class Problem(Schema):
    """A problem (RFC 9457). `code` is what programs compare; `detail` says how to mend it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    findings: list[ProblemFinding]
    theirs: dict[str, Any] | None = Field(
        None, description="Present values, if somebody else changed the record (412)"
    )
    yours: dict[str, Any] | None = Field(None, description="What was sent (412)")


class Geometry(Schema):
    """A GeoJSON geometry; longitude before latitude (CRS84)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"properties": {"coordinates": {"type": "array", "items": {}}}},
    )

    type: str = Field(
        pattern="^(Point|MultiPoint|LineString|MultiLineString|Polygon|MultiPolygon)$"
    )
    coordinates: list[Any]


class FieldChange(Schema):
    """A field before and after a change, as a reader of English writes it."""

    field: str
    before: str | None
    after: str | None


class Change(Schema):
    """A change of a record: who, when, from where and why. `id` undoes it."""

    id: int | None
    at: datetime
    by: str
    origin: str
    action: str
    reason: str
    fields: list[FieldChange]
    undoable: bool
    undone: bool


class Changes(Schema):
    """The changes of a record, the latest first."""

    items: list[Change]
    next: str | None = None


class Undone(Schema):
    """What a change was taken back to; null if the record is gone."""

    record: dict[str, Any] | None


class AttachmentOut(Schema):
    """A file that belongs to a record; `sha256` is the fingerprint of its bytes."""

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    note: str
    added_at: datetime
    added_by: str
    href: str


class Attachments(Schema):
    """The files of a record."""

    items: list[AttachmentOut]
    next: str | None = None


class Reason(Schema):
    """Why something is done, in the words of whoever does it."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", max_length=2000)


class FigureOut(Schema):
    """A figure of the outline, with what it rests on."""

    model_config = ConfigDict(extra="allow")

    id: str
    kind: str
    indicator: str
    wording: str
    wording_en: str
    zone: str
    zone_name: str
    period: str
    value: float | str | None
    unit: str
    bound: str
    text: str
    text_en: str
    target: float | None
    completion_pct: float | None
    ahead_pp: float | None
    records: int


class Figures(Schema):
    """The figures that the reader may see."""

    items: list[FigureOut]
    next: str | None = None


class BlockOut(Schema):
    """A block of ready parcels that share edges [ha, mu]."""

    block_id: str
    parcel_count: int
    area_ha: float
    area_mu: float
    members: list[str]


class Blocks(Schema):
    """The blocks of a zone, the largest first."""

    zone: str
    on: date
    items: list[BlockOut]
    next: str | None = None


class RunOut(Schema):
    """A background run: what was asked, how far it is, what came of it."""

    id: int
    question: str
    params: dict[str, Any]
    status: str
    progress: float
    message: str
    error: str
    result: Any
    fingerprint: str
    engines: dict[str, Any]
    by: str
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Runs(Schema):
    """Runs, the latest first."""

    items: list[RunOut]
    next: str | None = None


class RunIn(Schema):
    """What is asked of a background run."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(max_length=100)
    params: dict[str, Any] = Field(default_factory=dict)


class OrderOut(Schema):
    """An order: what it is about in Chinese and English, whom it binds, until when, its state.

    `level` is how often it was escalated, `level_due` how often it ought to be; `overdue_days` is
    0 if it is not overdue, or done.
    """

    id: int
    code: str
    zone: str
    indicator: str | None
    rule: str | None
    severity: str
    text: str
    text_en: str
    owner: str
    period: str
    subject: str | None
    state: str
    level: int
    level_due: int
    raised_on: date
    due_on: date
    overdue_days: int
    closed_on: date | None
    last_reply: str | None


class Orders(Schema):
    """Orders, the latest first."""

    items: list[OrderOut]
    next: str | None = None


class OrderStepOut(Schema):
    """A step of an order: raised, replied, accepted, refused, extended, escalated, withdrawn."""

    action: str
    by: str
    at: datetime
    text: str
    due_on: date | None
    evidence: list[AttachmentOut]


class OrderWhole(OrderOut):
    """An order with its steps, the oldest first."""

    steps: list[OrderStepOut]


class Me(Schema):
    """Who asks, and what they may do: everywhere, and by zone."""

    name: str
    token: str | None
    everywhere: list[str]
    by_zone: dict[str, list[str]]


class FieldOut(Schema):
    """A field of a table."""

    name: str
    kind: str
    unit: str
    zh: str
    en: str
    required: bool
    key: bool
    computed: bool
    refers: str
    choices: dict[str, str]
    note: str


class TableOut(Schema):
    """A table: its fields in order, and what one must be allowed to do to write it."""

    name: str
    record: str
    zh: str
    en: str
    permission: str
    located: bool
    fields: list[FieldOut]


class Tables(Schema):
    """The dictionary of tables."""

    items: list[TableOut]
    next: str | None = None


class AuditOut(Schema):
    """An entry of the audit trail."""

    id: int
    at: datetime
    by: str
    origin: str
    action: str
    table: str
    code: str
    record: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str
    undoes: int | None


class AuditTrail(Schema):
    """Entries of the audit trail, the latest first."""

    items: list[AuditOut]
    next: str | None


def problem_schema() -> dict[str, object]:
    """Return the schema of a problem as OpenAPI 3.0 writes it."""
    text = {"type": "string"}
    finding = {"type": "object", "properties": dict.fromkeys(ProblemFinding.model_fields, text)}
    properties: dict[str, object] = dict.fromkeys(("type", "title", "detail", "code"), text)
    properties |= {"status": {"type": "integer"}, "findings": {"type": "array", "items": finding}}
    return {"type": "object", "required": list(properties), "properties": properties}
