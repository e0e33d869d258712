"""What one file says, in a form small enough to keep for a whole tree."""
