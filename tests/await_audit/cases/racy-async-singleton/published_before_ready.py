class Manager:
    async def check(self):
        return 1


_manager = None


async def get_manager():
    global _manager
    if _manager is None:  # expect: racy-async-singleton certain
        _manager = Manager()
        await _manager.check()
    return _manager
