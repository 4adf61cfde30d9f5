"""The encoder of the rails: its texts, its training, its figures."""
