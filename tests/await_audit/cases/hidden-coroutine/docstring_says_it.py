async def fetch():
    return 1


def load():
    """Return an awaitable that gives the number."""
    return fetch()
