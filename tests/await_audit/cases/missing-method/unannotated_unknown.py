async def make(factory):
    return factory()


async def main(factory):
    made = await make(factory)
    return made.anything()
