async def coordinates():
    return 1, 2


async def draw():
    print(*await coordinates())  # expect: missing-await certain
