async def compute():
    return 5


async def outer():
    result = await compute()  # expect: missing-await certain
    return result
