_worker = None
ENABLED = True


async def worker(start):
    global _worker
    if ENABLED and _worker is None:  # expect: racy-async-singleton certain
        _worker = await start()
    return _worker
