"""Ask a tier how it is, and how fast it is."""
