from collections.abc import Awaitable


async def request() -> int:
    return 1


def get() -> Awaitable[int]:
    return request()


async def main():
    return await get()
