"""Parcel stages, zone scope and contiguous ready blocks."""
