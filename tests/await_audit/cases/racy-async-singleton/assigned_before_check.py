_last = None


async def last(load):
    global _last
    _last = await load()
    if _last is None:
        return 0
    return _last
