async def cached(key):
    return None


async def fetch(key):
    value = await cached(key) or "default"  # expect: missing-await certain
    return value.upper()
