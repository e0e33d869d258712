async def pending():
    return 0


async def drain():
    while pending():  # expect: missing-await certain
        pass
