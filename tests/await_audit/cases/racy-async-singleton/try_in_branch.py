_bus = None


async def bus(connect, log):
    global _bus
    if _bus is None:  # expect: racy-async-singleton certain
        try:
            _bus = await connect()
        except OSError as error:
            log(error)
            raise
    return _bus
