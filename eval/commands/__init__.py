"""The commands of `python -m eval`, a module for each of its parts: `commands(app)` adds them."""
