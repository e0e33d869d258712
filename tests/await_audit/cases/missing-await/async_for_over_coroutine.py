async def listing():
    return []


async def walk():
    async for entry in listing():  # expect: missing-await certain
        print(entry)
