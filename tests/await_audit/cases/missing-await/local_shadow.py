async def load():
    return 1


async def main(load):
    value = load()
    return value + 1
