async def pair():
    return 1, 2


async def use():
    left, right = pair()  # expect: missing-await certain
    return left + right
