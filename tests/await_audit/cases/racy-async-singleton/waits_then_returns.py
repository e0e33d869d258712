_pool = None


async def pool(event):
    if _pool is None:
        await event.wait()
    return _pool
