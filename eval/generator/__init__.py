"""The rules that make questions of documents: a kind of question a file. No model has a hand in it."""
