"""A live page of all tiers."""
