async def fetch():
    return 1


def load_async():
    return fetch()
