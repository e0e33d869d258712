class A:
    pass


async def make() -> A:
    return A()


async def main(other):
    made = await make()
    made = other(made)
    made.anything()
