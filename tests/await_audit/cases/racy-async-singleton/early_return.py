_cache = None


async def cache(load):
    global _cache
    if _cache is not None:  # expect: racy-async-singleton certain
        return _cache
    _cache = await load()
    return _cache
