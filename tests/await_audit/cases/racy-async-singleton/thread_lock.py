import threading

_mutex = threading.Lock()
_pool = None


async def pool(create):
    global _pool
    with _mutex:
        if not _pool:
            _pool = create()
    return _pool
