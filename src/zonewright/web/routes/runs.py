"""Addresses of the desk: runs, and what is queued as one."""

from __future__ import annotations

from django.urls import path

from zonewright.web.views import importing, report_making, runs

urlpatterns = [
    path("runs/", runs.run_list, name="runs"),
    path("runs/<int:number>/", runs.run, name="run"),
    path("runs/<int:number>/cancel/", runs.cancel, name="run-cancel"),
    path("runs/<int:number>/again/", runs.again, name="run-again"),
    path("runs/<int:number>/files/<str:name>", runs.download, name="run-file"),
    path("runs/start/<slug:question>/", runs.start, name="run-start"),
    path("report/make/", report_making.make, name="report-make"),
    path("report/making/<int:number>/", report_making.making, name="report-making"),
    path("import/", importing.import_page, name="import"),
    path("import/<int:number>/check/", importing.recheck, name="import-recheck"),
    path("import/<int:number>/take/", importing.take, name="import-take"),
]
