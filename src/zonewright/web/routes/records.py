"""Addresses of the desk: records."""

from __future__ import annotations

from django.urls import URLPattern, path

from zonewright.web.views import attachments, record_forms, record_page, records, undoing

urlpatterns: list[URLPattern] = [
    path("records/", records.ledger_list, name="records"),
    path("records/choices/<str:kind>/", records.choices, name="record-choices"),
    path("records/<str:table>/", records.record_list, name="record-list"),
    path("records/<str:table>/new/", record_forms.new, name="record-new"),
    path("records/<str:table>/chart/", records.chart_part, name="record-chart"),
    path("records/<str:table>/chart.json", records.chart, name="record-chart-spec"),
    path("records/<str:table>/export.xlsx", records.export, {"kind": "xlsx"}, name="record-xlsx"),
    path("records/<str:table>/export.csv", records.export, {"kind": "csv"}, name="record-csv"),
    path("records/<str:table>/<int:pk>/", record_page.record, name="record"),
    path("records/<str:table>/<int:pk>/edit/", record_forms.edit, name="record-edit"),
    path("records/<str:table>/<int:pk>/delete/", record_forms.delete, name="record-delete"),
    path("records/<str:table>/<int:pk>/attach/", attachments.attach, name="record-attach"),
    path("attachments/<int:pk>/", attachments.download, name="attachment"),
    path("attachments/<int:pk>/image/", attachments.image, name="attachment-image"),
    path("attachments/<int:pk>/remove/", attachments.remove, name="attachment-remove"),
    path("changes/<int:pk>/undo/", undoing.undo, name="undo"),
]
