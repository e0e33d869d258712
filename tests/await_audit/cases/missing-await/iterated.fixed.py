async def rows():
    return [1, 2]


async def show():
    for row in await rows():  # expect: missing-await certain
        print(row)
