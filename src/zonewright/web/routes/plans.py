"""Addresses of the desk: plans of land, what to unlock next and how to level a block."""

from __future__ import annotations

from django.urls import URLPattern, path

from zonewright.web.views import grading, unlocking

urlpatterns: list[URLPattern] = [
    path("land/unlock/", unlocking.unlock, name="unlock"),
    path("land/unlock/compare/", unlocking.compare, name="unlock-compare"),
    path("land/unlock/<int:number>/", unlocking.plan, name="unlock-plan"),
    path("land/unlock/<int:number>/cancel/", unlocking.cancel, name="unlock-cancel"),
    path("land/unlock/<int:number>/why/", unlocking.why, name="unlock-why"),
    path("land/unlock/<int:number>/parcels.json", unlocking.parcels, name="unlock-parcels"),
    path("land/unlock/<int:number>/curve.json", unlocking.curve_chart, name="unlock-curve"),
    path("land/unlock/<int:number>/plan.xlsx", unlocking.export, name="unlock-xlsx"),
    path("land/unlock/<int:number>/plan.gpkg", unlocking.export_gpkg, name="unlock-gpkg"),
    path("land/grading/", grading.grading, name="grading"),
    path("land/grading/<int:number>/", grading.plan, name="grading-plan"),
    path("land/grading/<int:number>/cancel/", grading.cancel, name="grading-cancel"),
    path("land/grading/<int:number>/cut-fill.png", grading.picture, name="grading-picture"),
    path("land/grading/<int:number>/plan.xlsx", grading.export, name="grading-xlsx"),
    path(
        "land/grading/<int:number>/section-<slug:name>.json",
        grading.section,
        name="grading-section",
    ),
    path("land/grading/<int:number>/files/<str:name>", grading.download, name="grading-file"),
]
