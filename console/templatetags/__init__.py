"""Template tags of the console room."""
