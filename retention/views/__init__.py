"""Pages of the retention room."""
