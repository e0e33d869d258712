_pool = None


async def get_pool(create):
    global _pool
    if _pool is None:  # expect: racy-async-singleton certain
        _pool = await create()
    return _pool
