async def fetch():
    return 1


def load() -> object:
    return fetch()
