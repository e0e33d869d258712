async def numbers():
    yield 1
    yield 2


async def main():
    async for number in numbers():
        print(number)
