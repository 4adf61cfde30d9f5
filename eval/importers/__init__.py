"""Importers: one format a file, each `read(path) -> questions`. The table of them is in `eval.importing`."""
