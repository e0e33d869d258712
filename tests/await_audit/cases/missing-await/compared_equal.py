async def status():
    return 200


async def ok():
    return status() == 200  # expect: missing-await certain
