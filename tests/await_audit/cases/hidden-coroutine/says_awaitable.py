from collections.abc import Awaitable


async def fetch() -> int:
    return 1


def load() -> Awaitable[int]:
    return fetch()
