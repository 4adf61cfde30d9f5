"""Readers: one format a file, each `read(data, name) -> Extract`. The table of them is in `ingest.load`."""
