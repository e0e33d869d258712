async def opened():
    return open("x")


async def read():
    with await opened() as file:  # expect: missing-await certain
        return file.read()
