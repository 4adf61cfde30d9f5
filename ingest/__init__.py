"""Documents in, searchable chunks out: load, clean, screen, chunk, embed, publish."""
