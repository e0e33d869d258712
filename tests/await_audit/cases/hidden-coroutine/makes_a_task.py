import asyncio


async def fetch() -> int:
    return 1


def load() -> "asyncio.Task[int]":
    return asyncio.create_task(fetch())
