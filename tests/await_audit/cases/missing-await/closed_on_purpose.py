async def optional():
    return None


async def drop(wanted):
    coro = optional()
    if not wanted:
        coro.close()
        return None
    return wanted


async def step_by_hand():
    coroutine = optional()
    coroutine.send(None)
