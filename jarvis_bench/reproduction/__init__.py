"""Put one start-up version into one world, and record what it did."""
