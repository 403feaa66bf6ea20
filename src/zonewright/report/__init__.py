"""Figures in; HTML, DOCX and PDF out."""
