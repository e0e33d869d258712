async def names():
    return ["a"]


async def known(name):
    return name in await names()  # expect: missing-await certain
