"""HTTP routes: one resource a module, each with its `router`."""
