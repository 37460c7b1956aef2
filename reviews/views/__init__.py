"""Views of the review room: parse, one service or query, render."""
