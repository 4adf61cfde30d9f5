"""Measuring answers: metrics, intervals and the quality of an adapter."""
