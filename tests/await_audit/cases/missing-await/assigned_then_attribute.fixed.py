class Manager:
    def ready(self):
        return True


async def get_manager() -> Manager:
    return Manager()


async def probe():
    manager = await get_manager()  # expect: missing-await certain
    return manager.ready()
