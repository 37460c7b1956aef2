"""Every write of the vendors room."""
