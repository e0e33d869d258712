_pool = None


async def close():
    global _pool
    if _pool is not None:
        await _pool.close()
        _pool = None
