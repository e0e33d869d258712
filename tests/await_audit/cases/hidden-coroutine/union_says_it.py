from collections.abc import Awaitable


async def fetch():
    return 1


def load(now) -> int | Awaitable[int]:
    return 1 if now else fetch()
