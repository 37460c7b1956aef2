"""Every read of many rows of the governance room."""
