"""The steps that clean examples: one kind of fault a file."""
