from framework import Response


async def fetch():
    return 1


def load() -> Response:
    return fetch()
