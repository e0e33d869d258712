async def pair():
    return 1, 2


async def use():
    left, right = await pair()  # expect: missing-await certain
    return left + right
