"""Importers: what other tools' files claim, as facts; one file an origin, values in and values out."""
