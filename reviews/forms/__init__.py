"""Forms of the review room: shape and wording only."""
