async def valid(item):
    return True


async def every(items):
    return all(valid(item) for item in items)  # expect: missing-await certain refused
