"""Tags of the review room."""
