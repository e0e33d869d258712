class A:
    pass


async def make() -> A:
    return A()


async def main():
    made = await make()
    setattr(made, "go", print)
    made.go()
