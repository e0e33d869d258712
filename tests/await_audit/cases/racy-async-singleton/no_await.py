_pool = None


async def pool(create):
    global _pool
    if _pool is None:
        _pool = create()
    return _pool
