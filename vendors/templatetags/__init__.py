"""Template tags of the vendors room."""
