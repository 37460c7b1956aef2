"""What people type into the vendors room."""
