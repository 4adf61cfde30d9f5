"""Readers: one format a file, each `read(data, name) -> Extract`. `ingest.formats` lists them."""
