async def compute():
    return 5


async def outer():
    result = compute()  # expect: missing-await certain
    return result
