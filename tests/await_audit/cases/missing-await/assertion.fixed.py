async def healthy():
    return True


async def check():
    assert await healthy()  # expect: missing-await certain
