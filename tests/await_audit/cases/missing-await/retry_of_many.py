import asyncio


async def attempt(number):
    return number


async def main():
    for finished in asyncio.as_completed([attempt(1), attempt(2)]):
        print(await finished)
