"""GDAL's driver for OGC API - Features, and so QGIS, reads the collections with a token."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.web.api.conftest import Program
from zonewright.store.models import Parcel

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# GDAL keeps its own connections: it reads in a process of its own.
READ = """
import json, sys
import pyogrio
source, token, asked = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
pyogrio.set_gdal_config_options({
    "GDAL_HTTP_AUTH": "BEARER",
    "GDAL_HTTP_BEARER": token,
})
if asked.pop("list", False):
    print(json.dumps([[str(name), str(kind)] for name, kind in pyogrio.list_layers(source)]))
else:
    asked["bbox"] = tuple(asked["bbox"]) if "bbox" in asked else None
    meta, fids, shapes, fields = pyogrio.raw.read(source, PAGE_SIZE="10", **asked)
    codes = dict(zip(meta["fields"], fields))["code"]
    print(json.dumps({"crs": meta["crs"], "kind": meta["geometry_type"], "codes": list(codes)}))
"""


def read(server: LiveServer, token: str, **asked: Any) -> Any:
    """Return what GDAL reads."""
    command = [sys.executable, "-W", "ignore", "-c", READ, f"OAPIF:{server.url}/ogc", token]
    done = subprocess.run(
        [*command, json.dumps(asked)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def token_text(program: Program) -> str:
    return str(program.defaults["HTTP_AUTHORIZATION"]).removeprefix("Bearer ")


def test_gdal_lists_pages_and_filters(live_server: LiveServer, everything: Program) -> None:
    token = token_text(everything)
    layers = dict(read(live_server, token, list=True))
    assert {"zones", "parcels", "works", "no_go"} <= set(layers)

    whole = read(live_server, token, layer="parcels")
    assert sorted(whole["codes"]) == sorted(Parcel.objects.values_list("code", flat=True))
    assert len(whole["codes"]) == 36  # four pages of ten
    assert "4490" in whole["crs"] or "CRS84" in whole["crs"]

    near = read(live_server, token, layer="parcels", bbox=[112.70, 22.40, 112.71, 22.41])
    assert near["codes"] == ["DK-0000"]

    ready = read(live_server, token, layer="parcels", where="stage = 'L7' AND area_m2 > 1000010")
    wanted = Parcel.objects.filter(stage="L7", area_m2__gt=1_000_010)
    assert sorted(ready["codes"]) == sorted(wanted.values_list("code", flat=True))


def test_gdal_is_turned_away_without_a_token(live_server: LiveServer, land: None) -> None:
    with pytest.raises(AssertionError, match="401"):
        read(live_server, "zw_none", list=True)
