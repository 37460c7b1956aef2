"""What the pages of this room say: the clock, the next step, words for states and troubles."""
