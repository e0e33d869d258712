"""The Docker tier."""
