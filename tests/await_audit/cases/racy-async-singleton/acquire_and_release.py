import asyncio

_lock = asyncio.Lock()
_pool = None


async def pool(create):
    global _pool
    if _pool is None:
        await _lock.acquire()
        try:
            _pool = await create()
        finally:
            _lock.release()
    return _pool
