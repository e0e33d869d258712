class A:
    pass


async def make() -> A:
    return A()


async def main():
    made = await make()
    return made.__repr__()
