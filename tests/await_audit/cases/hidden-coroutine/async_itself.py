async def fetch() -> int:
    return 1


async def load() -> int:
    return await fetch()
