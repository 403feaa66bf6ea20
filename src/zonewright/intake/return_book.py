"""Write the workbook of a return: codes, last month's figures, drop-downs, locked cells.

The bytes depend on what is asked alone. No text becomes a formula, whatever it begins with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from zonewright.core.periods import Period
from zonewright.intake import return_layout as layout
from zonewright.intake import return_looks as looks
from zonewright.intake.return_cells import NUMERIC, choice_label, shown
from zonewright.intake.return_sheets import GIVEN_FILL, MADE, put, saved
from zonewright.intake.return_words import word
from zonewright.steering.returns.kinds import ReturnColumn, ReturnKind, ReturnSheet
from zonewright.steering.returns.rows import RowsOf, SheetRow, given_of

_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
_OPEN_REACH = 500  # rows of an open sheet down to which drop-downs and formats hold

_LINE = Side(style="thin", color="FFB8C4CE")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="FFDCE8F2")
_GREY, _QUIET = "FF59636E", "FF6B7681"
_FORMATS = {
    "money": "#,##0.00####",
    "area": "#,##0.00####",
    "energy": "#,##0.00####",
    "number": "General",
    "percent": "0.00##",
    "date": "yyyy-mm-dd",
    "year": "0",
    "bool": "General",
}
_MEASURED = "#,##0.00"  # what nobody typed: as exact as it can be said
_A3, _A4 = 8, 9


def blank(
    kind: ReturnKind,
    *,
    zone: str,
    zone_name: str,
    period: str,
    prefilled: RowsOf,
    last: RowsOf,
    lang: str = "zh",
) -> bytes:
    """Return the workbook of a return, to be filled in.

    Parameters
    ----------
    kind
        Kind of return.
    zone, zone_name
        Code and name of the zone.
    period
        The month, as in ``2023-04``.
    prefilled
        What stands in it: the rows of the zone's records with their given and carried values, or a
        whole return that was typed elsewhere.
    last
        Last month's rows, for the columns that show them.
    lang
        Language of titles, captions and choices (``zh`` or ``en``); captions stand in both.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator, book.properties.created = "Zonewright", MADE
    lists: dict[tuple[str, ...], str] = {}
    about = {
        "zone": zone_name,
        "code": zone,
        "period": Period.parse(period).label(lang),
        "due": kind.due_on(period).isoformat(),
        "kind": kind.label(lang),
    }
    for sheet in kind.sheets:
        made = book.create_sheet(_sheet_name(sheet.label(lang), book.sheetnames))
        rows = _with_spare(sheet, prefilled.get(sheet.code, ()))
        writer = _SheetWriter(made, sheet, lang, lists)
        writer.write(about, rows, last.get(sheet.code, ()))
    given = given_of(_own(kind, prefilled))
    meta = layout.Meta(kind.code, zone, zone_name, period, lang, given)
    _write_hidden(book, layout.META, meta.lines())
    _write_hidden(book, layout.LISTS, list(zip(*_filled(lists), strict=True)))
    for labels, letter in lists.items():
        reach = f"'{layout.LISTS}'!${letter}$1:${letter}${len(labels)}"
        book.defined_names[_list_name(letter)] = DefinedName(_list_name(letter), attr_text=reach)
    return saved(book)


def _list_name(letter: str) -> str:
    """Return the name by which a list of choices is known: no program rewrites a name."""
    return f"zonewright_list_{letter}"


def _own(kind: ReturnKind, rows: RowsOf) -> RowsOf:
    """Return the rows of the kind's sheets, in their order."""
    return {sheet.code: tuple(rows.get(sheet.code, ())) for sheet in kind.sheets}


def _sheet_name(label: str, taken: Sequence[str]) -> str:
    plain = _NO_SHEET_NAME.sub(" ", label).strip("' ")[:_LONGEST_NAME] or "Sheet"
    number, name = 2, plain
    while name in taken:
        name = f"{plain[: _LONGEST_NAME - 3]} {number}"
        number += 1
    return name


def _with_spare(sheet: ReturnSheet, rows: Sequence[SheetRow]) -> list[SheetRow]:
    """Return the rows, of an open sheet followed by empty ones with signs of their own."""
    found = list(rows)
    if sheet.rows != "open":
        return found
    signs = [int(match[1]) for row in rows if (match := layout.FREE_KEY.fullmatch(row.key))]
    first = max(signs, default=0) + 1
    return found + [SheetRow(0, f"+{first + n}", {}) for n in range(layout.SPARE_ROWS)]


class _SheetWriter:
    """Writes one sheet."""

    def __init__(
        self, made: Worksheet, sheet: ReturnSheet, lang: str, lists: dict[tuple[str, ...], str]
    ) -> None:
        self.made, self.sheet, self.lang, self.lists = made, sheet, lang, lists
        self.columns = layout.marks_of(sheet)
        self.family = "宋体" if lang == "zh" else "Calibri"
        self.looks = [self._look(sign, column) for sign, column in self.columns]
        self.widths: list[float] = []

    def write(
        self, about: Mapping[str, str], rows: Sequence[SheetRow], last: Sequence[SheetRow]
    ) -> None:
        """Write everything that stands above, the captions, and the rows."""
        of_last = _by_key(self.sheet, last)
        lines = [
            self._values(row, of_last.get(row.key) or of_last.get(_name_of(self.sheet, row)) or {})
            for row in rows
        ]
        self.widths = self._widths(lines)
        self._head(about)
        for number, (row, values) in enumerate(zip(rows, lines, strict=True), layout.FIRST_ROW):
            self._row(number, row, values)
        end = layout.FIRST_ROW + max(len(rows), 1) - 1
        if self.sheet.rows == "open":
            end = max(end, layout.FIRST_ROW + _OPEN_REACH)
        self._validate(end)
        self._set_up(layout.FIRST_ROW + len(rows) - 1)

    def _head(self, about: Mapping[str, str]) -> None:
        lang, family = self.lang, self.family
        words = {**about, "sheet": self.sheet.label(lang)}
        text_help = "help_open" if self.sheet.rows == "open" else "help_records"
        lines = (
            (layout.TITLE_ROW, word("title", lang, **words), Font(family, 16, bold=True), 30.0),
            (layout.ABOUT_ROW, word("about", lang, **words), Font(family, 10), 18.0),
            (layout.HELP_ROW, word(text_help, lang), Font(family, 9, color=_QUIET), 28.0),
        )
        for row, text, font, height in lines:
            cell = put(self.made.cell(row, 2), text)
            cell.font = font
            cell.alignment = Alignment(vertical="center", wrap_text=row == layout.HELP_ROW)
            self.made.row_dimensions[row].height = height
        reach = looks.reach(self.widths, looks.TITLES) + 1
        self.made.merge_cells(
            start_row=layout.HELP_ROW, start_column=2, end_row=layout.HELP_ROW, end_column=reach
        )
        other = "en" if lang == "zh" else "zh"
        put(self.made.cell(layout.KEYS_ROW, 1), layout.sheet_sign(self.sheet.code))
        for index, (sign, column) in enumerate(self.columns, 2):
            put(self.made.cell(layout.KEYS_ROW, index), sign)
            texts = (self._caption(sign, column), self._caption(sign, column, other))
            for row, text in zip((layout.HEAD_ROW, layout.SECOND_ROW), texts, strict=True):
                cell = put(self.made.cell(row, index), text)
                cell.font = (
                    Font(family, 10, bold=True)
                    if row == layout.HEAD_ROW
                    else Font("Calibri", 8, color=_GREY)
                )
                cell.fill, cell.border = _HEAD, _BOX
                cell.alignment = Alignment("center", "center", wrap_text=True)
        self.made.row_dimensions[layout.KEYS_ROW].hidden = True
        heads = [self._caption(*column) for column in self.columns]
        seconds = [self._caption(*column, other) for column in self.columns]
        heights = self.made.row_dimensions
        heights[layout.HEAD_ROW].height = looks.head_height(heads, self.widths)
        heights[layout.SECOND_ROW].height = looks.second_height(seconds, self.widths)

    def _caption(self, sign: str, column: ReturnColumn, lang: str = "") -> str:
        """Return a caption: in the book's own language with its star, the unit on its own line."""
        is_last = sign.endswith(layout.LAST)
        text = layout.caption_of(column, lang or self.lang, last=is_last)
        if lang:
            return text
        star = "*" if column.field.required and not is_last and not column.given else ""
        unit = layout.unit_label(column, self.lang)
        ending = (f"（{unit}）" if self.lang == "zh" else f" [{unit}]") if unit else ""
        return f"{text.removesuffix(ending)}{star}" + (f"\n{ending.strip()}" if ending else "")

    def _widths(self, lines: Sequence[Sequence[object]]) -> list[float]:
        return [
            looks.width_of(
                column.name,
                column.field.kind,
                self._caption(sign, column),
                (_text(line[index]) for line in lines),
            )
            for index, (sign, column) in enumerate(self.columns)
        ]

    def _look(self, sign: str, column: ReturnColumn) -> Cell:
        """Return a cell that stands in no sheet and looks as those of a column do."""
        locked = column.given or sign.endswith(layout.LAST)
        kind = column.field.kind
        side = "right" if kind in NUMERIC else "center" if kind in ("date", "choice") else "left"
        cell = Cell(self.made, 1, 1)
        cell.font, cell.border = Font(self.family, 10, color=_GREY if locked else None), _BOX
        cell.alignment = Alignment(side, "center", wrap_text=kind == "text")
        cell.protection = Protection(locked=locked)
        cell.number_format = _FORMATS.get(kind, "@")
        if column.given and kind in ("area", "money", "energy"):
            cell.number_format = _MEASURED
        if locked:
            cell.fill = GIVEN_FILL
        return cell

    def _values(self, row: SheetRow, before: Mapping[str, object]) -> list[object]:
        """Return what stands in a row's cells."""
        return [
            shown(column, before if sign.endswith(layout.LAST) else row.values, self.lang)
            for sign, column in self.columns
        ]

    def _row(self, number: int, row: SheetRow, values: Sequence[object]) -> None:
        put(self.made.cell(number, 1), row.key)
        for index, value in enumerate(values, 2):
            put(self.made.cell(number, index), value, self.looks[index - 2])
        height = looks.row_height([_text(value) for value in values], self.widths)
        self.made.row_dimensions[number].height = height

    def _validate(self, end: int) -> None:
        for index, (sign, column) in enumerate(self.columns, 2):
            if column.given or sign.endswith(layout.LAST):
                continue
            rule = self._rule(column)
            if rule:
                letter = get_column_letter(index)
                rule.add(f"{letter}{layout.FIRST_ROW}:{letter}{end}")
                self.made.add_data_validation(rule)

    def _rule(self, column: ReturnColumn) -> DataValidation | None:
        kind, lang = column.field.kind, self.lang
        if kind in ("choice", "bool"):
            labels = (
                tuple(choice_label(column.field, code, lang) for code in column.field.choices)
                if kind == "choice"
                else (word("yes", lang), word("no", lang))
            )
            letter = self.lists.setdefault(labels, get_column_letter(len(self.lists) + 1))
            rule = DataValidation("list", formula1=_list_name(letter), allow_blank=True)
            rule.errorStyle, rule.error = "stop", word("choose", lang)
            rule.errorTitle = word("choose_title", lang)
        elif kind in NUMERIC:
            # Only warned of: 超1,100 is a figure too.
            rule = DataValidation(
                "decimal", operator="between", formula1="-1E+15", formula2="1E+15", allow_blank=True
            )
            rule.errorStyle, rule.errorTitle = "warning", word("number_title", lang)
            unit = layout.unit_label(column, lang) or column.unit or "-"
            rule.error = rule.prompt = word("number_help", lang, unit=unit)
        elif kind == "date":
            first, latest = (date(year, 1, 1) for year in (1970, 2100))
            origin = date(1899, 12, 30)
            rule = DataValidation(
                "date",
                operator="between",
                formula1=str((first - origin).days),
                formula2=str((latest - origin).days),
                allow_blank=True,
            )
            rule.errorStyle, rule.errorTitle = "warning", word("date_title", lang)
            rule.error = rule.prompt = word("date_help", lang)
        else:
            return None
        rule.showErrorMessage = True
        rule.showInputMessage = rule.prompt is not None
        return rule

    def _set_up(self, end: int) -> None:
        made, sheet = self.made, self.sheet
        made.column_dimensions["A"].hidden = True
        fixed = 1
        for index, (_, column) in enumerate(self.columns, 2):
            made.column_dimensions[get_column_letter(index)].width = self.widths[index - 2]
            if column.name in (sheet.key, "name") and index <= fixed + 1:
                fixed = index
        made.freeze_panes = f"{get_column_letter(fixed + 1)}{layout.FIRST_ROW}"
        guard = made.protection
        guard.sheet = True
        guard.formatColumns = guard.formatRows = guard.formatCells = False
        guard.sort = guard.autoFilter = False
        if sheet.rows == "open":
            guard.insertRows = False
        made.page_setup.orientation = "landscape"
        made.page_setup.paperSize = _A3 if sum(self.widths) > looks.WIDE else _A4
        made.page_setup.fitToWidth, made.page_setup.fitToHeight = 1, 0
        made.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        made.print_title_rows = f"{layout.HEAD_ROW}:{layout.SECOND_ROW}"
        right = max(len(self.columns), looks.reach(self.widths, looks.TITLES)) + 1
        made.print_area = f"B1:{get_column_letter(right)}{max(end, 7)}"
        if made.oddFooter is not None:
            made.oddFooter.center.text = "&P / &N"
        for side in ("left", "right", "top", "bottom"):
            setattr(made.page_margins, side, 0.4)


def _text(value: object) -> str:
    """Return about what a cell shows of a value."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,.2f}"
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)


def _by_key(sheet: ReturnSheet, rows: Sequence[SheetRow]) -> dict[str, Mapping[str, object]]:
    """Return values by the rows' keys, and by what the key's column says."""
    found = {row.key: row.values for row in rows}
    if sheet.rows == "open" and sheet.key:
        found = {_name_of(sheet, row): row.values for row in rows}
    return found


def _name_of(sheet: ReturnSheet, row: SheetRow) -> str:
    return f"={row.values.get(sheet.key) or row.key}"


def _write_hidden(book: Workbook, name: str, lines: Sequence[Sequence[str]]) -> None:
    made = book.create_sheet(name)
    made.sheet_state = "veryHidden"
    for row, line in enumerate(lines, 1):
        for column, text in enumerate(line, 1):
            put(made.cell(row, column), text)


def _filled(lists: Mapping[tuple[str, ...], str]) -> list[list[str]]:
    deepest = max((len(labels) for labels in lists), default=0)
    return [[*labels, *[""] * (deepest - len(labels))] for labels in lists]
