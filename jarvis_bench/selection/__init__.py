"""Choose a tier."""
