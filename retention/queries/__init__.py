"""Every read of many rows of the retention room."""
