"""Vendors and their AI services: assessed, approved, watched."""
