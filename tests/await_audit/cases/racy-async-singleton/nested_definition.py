_hook = None


async def install(build):
    global _hook
    if _hook is None:

        async def hook():
            return await build()

        _hook = hook
    return _hook
