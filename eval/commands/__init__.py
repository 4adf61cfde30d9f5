"""The commands of evaluation: a file for each part of it."""
