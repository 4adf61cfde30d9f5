"""The model that tells whether a passage holds an answer: rows of a dataset → trained weights, measured."""
