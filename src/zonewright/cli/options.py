"""Options that several commands share."""

from __future__ import annotations

from datetime import UTC, datetime

import click


class _Moment(click.ParamType[datetime]):
    """A day or a time, read as UTC."""

    name = "DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is not a date; write 2023-11-30 or 2023-11-30T18:00", param, ctx)
        if len(str(value)) == len("2023-11-30"):
            moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


workspace = click.argument("workspace")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
as_of = click.option(
    "--as-of", type=_Moment(), help="Show what the workspace knew on that day (or time, UTC)."
)
