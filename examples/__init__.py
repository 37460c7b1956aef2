"""Runnable products that call Countersign."""
