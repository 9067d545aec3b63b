"""Joins the parts: scan, build, check, export, demo; one module each, none knows how it is shown."""
