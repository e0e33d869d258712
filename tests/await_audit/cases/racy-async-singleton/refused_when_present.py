_pool = None


async def start(create):
    global _pool
    if _pool is not None:
        raise RuntimeError("started twice")
    _pool = await create()
