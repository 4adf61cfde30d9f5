"""From a dataset to a trained model. `train.py` is the way."""
