async def fetch() -> dict:
    return {}


def load() -> dict:  # expect: hidden-coroutine certain
    return fetch()
