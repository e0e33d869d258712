import asyncio


async def fetch() -> int:
    return 1


def load() -> int:
    return asyncio.run(fetch())
