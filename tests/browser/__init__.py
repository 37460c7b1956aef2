"""Journeys and looks, in a real browser."""
