async def fetch():
    return 1


def load():
    return fetch
