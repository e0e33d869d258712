async def fast():
    return 1


async def slow():
    return 2


async def main(hurry):
    chosen = fast() if hurry else slow()
    return await chosen
