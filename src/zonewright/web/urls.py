"""Addresses of the desk."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from zonewright.web.routes import land, orders, people, plans, records, returns, runs, steering
from zonewright.web.routes import maps as map_routes
from zonewright.web.views import (
    errors,
    figures,
    health,
    maps,
    overview,
    preferences,
    report,
    sign_in,
    sources,
    tiles,
    zones,
)

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out/", sign_in.SignOut.as_view(), name="sign-out"),
    path("language/", login_not_required(set_language), name="language"),
    path("theme/", preferences.set_theme, name="theme"),
    path("theme.css", preferences.theme_css, name="theme-css"),
    path("zones/", zones.zone_list, name="zones"),
    path("zones/<str:code>/", zones.zone, name="zone"),
    path("zones/<str:code>/stages.json", zones.stages_chart, name="zone-stages"),
    path("figures/", figures.figure_list, name="figures"),
    path("figures/<str:code>/", figures.figure, name="figure"),
    path("figures/<str:code>/records.csv", figures.records_csv, name="figure-records"),
    path("report/", report.report, name="report"),
    path("report/style.css", report.style, name="report-style"),
    path("report/<str:lang>/look-back.<str:kind>", report.download, name="report-download"),
    path("sources/", sources.source_list, name="sources"),
    path("map/style.json", maps.style, name="map-style"),
    path("tiles/<str:layer>/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    path("", include("zonewright.web.api.urls")),
    path("healthz", health.healthz, name="healthz"),
    *(
        path("", include(area))
        for area in (map_routes, people, records, runs, plans, land, returns, steering, orders)
    ),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
