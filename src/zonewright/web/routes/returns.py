"""Addresses of the desk: monthly returns."""

from __future__ import annotations

from django.urls import URLPattern, path

from zonewright.web.views import returns, returns_form, returns_page, returns_steps

urlpatterns: list[URLPattern] = [
    path("returns/", returns.returns, name="returns"),
    path("returns/upload/", returns.upload, name="returns-upload"),
    path("returns/blank.xlsx", returns.blank, name="return-blank"),
    path("returns/<int:number>/", returns_page.show, name="return"),
    path("returns/<int:number>/form/", returns_form.form, name="return-form"),
    path("returns/<int:number>/cells/", returns_form.cells, name="return-cells"),
    path("returns/<int:number>/rows/remove/", returns_form.remove, name="return-row-remove"),
    path(
        "returns/<int:number>/versions/<int:version>/workbook.xlsx",
        returns_page.workbook,
        name="return-workbook",
    ),
    path(
        "returns/<int:number>/versions/<int:version>/marked.xlsx",
        returns_page.marked,
        name="return-marked",
    ),
    path("returns/<int:number>/step/<slug:name>/", returns_steps.step, name="return-step"),
    path("returns/<str:period>/<str:kind>/<str:zone>/", returns.month, name="return-month"),
    path("returns/<str:period>/<str:kind>/<str:zone>/begin/", returns.begin, name="return-begin"),
]
