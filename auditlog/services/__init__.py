"""What the log's own verbs are."""
