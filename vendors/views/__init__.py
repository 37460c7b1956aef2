"""The pages of the vendors room."""
