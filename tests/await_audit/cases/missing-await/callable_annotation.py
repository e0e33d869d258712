from collections.abc import Awaitable, Callable


async def retry(action: Callable[[], Awaitable[int]]):
    value = action()  # expect: missing-await likely
    return value + 1
