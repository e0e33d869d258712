def store(name: str, size: int) -> None:
    print(name, size)


async def size_of(name):
    return 7


async def keep(name):
    store(name, size_of(name))  # expect: missing-await certain
