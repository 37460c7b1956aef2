"""Every write of the retention room."""
