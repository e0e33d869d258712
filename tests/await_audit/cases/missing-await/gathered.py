import asyncio


async def one(number):
    return number


async def main():
    return await asyncio.gather(one(1), one(2))
