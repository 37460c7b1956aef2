"""Every write of the governance room."""
