async def healthy():
    return True


async def check():
    assert healthy()  # expect: missing-await certain
