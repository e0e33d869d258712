async def listing():
    return []


async def walk():
    async for entry in await listing():  # expect: missing-await certain
        print(entry)
