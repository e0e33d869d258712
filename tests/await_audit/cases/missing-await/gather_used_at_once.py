import asyncio


async def one():
    return 1


async def total():
    results = asyncio.gather(one(), one())  # expect: missing-await likely
    return sum(results)
