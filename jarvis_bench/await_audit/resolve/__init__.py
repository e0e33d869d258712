"""What the names of one file mean within the whole tree."""
