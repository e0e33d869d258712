import asyncio

_lock = asyncio.Lock()
_pool = None


async def pool(create):
    global _pool
    async with _lock:
        if _pool is None:
            _pool = await create()
    return _pool
