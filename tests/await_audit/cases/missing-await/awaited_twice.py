async def inner():
    return 1


async def outer():
    return inner()


async def main():
    return await (await outer())
