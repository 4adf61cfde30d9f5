"""The metrics of answers: a file each, `table.py` lists them all."""
