"""Every read of many rows of the vendors room."""
