"""Counts what stands on a shelf."""
