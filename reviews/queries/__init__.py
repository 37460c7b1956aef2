"""Every read of many rows of the review room, scoped to what the actor may see."""
