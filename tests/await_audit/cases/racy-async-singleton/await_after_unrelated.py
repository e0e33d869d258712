_pool = None


async def pool(create, log):
    global _pool
    if _pool is None:
        _pool = create()
        await log("made")
    return _pool
