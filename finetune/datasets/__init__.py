"""From sources to a dataset: gathered, cleaned, split and composed. `dataset.py` is the way."""
