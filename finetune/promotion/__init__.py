"""From a trained model to those who ask: gate, pointer, record. `promote.py` is the way."""
