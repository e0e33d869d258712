async def pending():
    return 0


async def drain():
    while await pending():  # expect: missing-await certain
        pass
