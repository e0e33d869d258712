"""The HTTP service that the Docker and Cloud Run tiers run: what JARVIS's clients call, answered rightly."""
