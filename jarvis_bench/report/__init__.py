"""Turn a finished run folder into self-contained HTML pages."""
