async def lookup(key):
    return key


async def build(keys):
    result = {}
    for key in keys:
        result[key] = await lookup(key)  # expect: missing-await likely
    return result
