async def optional():
    return None


def drop():
    coroutine = optional()
    coroutine.close()
