_left = None
_right = None


async def both(load):
    global _left, _right
    if _left is None:
        _right = await load()
    return _right
