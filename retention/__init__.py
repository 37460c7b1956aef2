"""Retention: thirty days, every store, proved."""
