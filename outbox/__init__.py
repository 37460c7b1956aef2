"""Messages that must leave: committed with the change, delivered after it."""
