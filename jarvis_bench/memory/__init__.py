"""RAM of a process: readings with the name of their metric, and a timeline of them."""
