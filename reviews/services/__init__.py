"""Every write of the review room."""
