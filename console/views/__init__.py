"""Pages and answers of the console itself."""
