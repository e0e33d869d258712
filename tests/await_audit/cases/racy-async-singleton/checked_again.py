_pool = None


async def pool(create):
    global _pool
    if _pool is None:
        made = await create()
        if _pool is None:
            _pool = made
    return _pool
