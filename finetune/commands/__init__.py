"""The parts of the command line `python -m finetune`. Composition roots: they build the real models."""
