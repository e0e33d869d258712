_bus = None


async def bus(connect):
    global _bus
    try:
        if _bus is None:  # expect: racy-async-singleton certain
            _bus = await connect()
    except OSError:
        return None
    return _bus
