async def total():
    return 3


async def text():
    return "total %s" % total()  # expect: missing-await certain
