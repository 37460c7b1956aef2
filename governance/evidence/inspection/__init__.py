"""What a file really is, and whether it may come in. Runs in a child process with limits; imports no Django."""
