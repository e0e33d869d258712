_ready = None


async def check(ask):
    global _ready
    if _ready is None and await ask():
        _ready = True
    return _ready
