"""OGC API - Features: the collections that QGIS, GDAL and other map programs open."""
