_value = None


async def value(load, lock, log):
    global _value
    async with lock:
        log("asked")
    if _value is None:  # expect: racy-async-singleton certain
        _value = await load()
    return _value
