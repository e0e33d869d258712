class Engine:
    async def warm(self):
        return None


_engine = None


async def engine():
    global _engine
    if _engine is None:  # expect: racy-async-singleton certain
        made = Engine()
        await made.warm()
        _engine = made
    return _engine
