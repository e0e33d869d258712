async def opened():
    return open("x")


async def read():
    with opened() as file:  # expect: missing-await certain
        return file.read()
