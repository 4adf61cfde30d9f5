"""The models of rails."""
