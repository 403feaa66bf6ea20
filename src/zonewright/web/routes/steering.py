"""Addresses of the desk: the board, indicators, targets and forecasts."""

from __future__ import annotations

from django.urls import URLPattern, path

from zonewright.web.views import board, board_cell, forecast, indicators, publications, targets

urlpatterns: list[URLPattern] = [
    path("board/", board.board, name="board"),
    path("board/board.<str:kind>", board.board_file, name="board-file"),
    path("board/publish/", publications.publish, name="board-publish"),
    path("board/<str:zone>/<str:indicator>/", board_cell.cell, name="board-cell"),
    path("board/<str:zone>/<str:indicator>/curve.json", board_cell.curve, name="board-curve"),
    path(
        "board/<str:zone>/<str:indicator>/records.csv",
        board_cell.records_csv,
        name="board-records",
    ),
    path("publications/", publications.publications, name="publications"),
    path("publications/<int:number>/", publications.publication, name="publication"),
    path(
        "publications/<int:number>/changes.xlsx",
        publications.publication_file,
        name="publication-file",
    ),
    path("indicators/", indicators.indicators, name="indicators"),
    path("indicators/<str:code>/", indicators.indicator, name="indicator"),
    path("targets/", targets.targets, name="targets"),
    path("targets/targets.xlsx", targets.targets_file, name="targets-file"),
    path("targets/set/", targets.set_target, name="target-set"),
    path("targets/<int:key>/", targets.target, name="target"),
    path("targets/<int:key>/curve.json", targets.target_chart, name="target-chart"),
    path("forecast/", forecast.forecasts, name="forecasts"),
    path("forecast/<str:zone>/<str:indicator>/", forecast.forecast, name="forecast"),
    path(
        "forecast/<str:zone>/<str:indicator>/cells/",
        forecast.forecast_cells,
        name="forecast-cells",
    ),
    path("forecast/<str:zone>/<str:indicator>/back-test/", forecast.back_test, name="back-test"),
    path(
        "forecast/<str:zone>/<str:indicator>/back-test.json",
        forecast.back_test_chart,
        name="back-test-chart",
    ),
]
