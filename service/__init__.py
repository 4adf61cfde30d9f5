"""The chat API: a question in, a cited, guarded and measured answer out."""
