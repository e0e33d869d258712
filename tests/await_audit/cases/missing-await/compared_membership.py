async def names():
    return ["a"]


async def known(name):
    return name in names()  # expect: missing-await certain
